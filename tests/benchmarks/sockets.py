"""An officer without a browser: what the page of Streamlit says to the server, said directly.

A browser takes as much of a processor as the server does, so that ten of them beside the
server measure themselves. Here only the server works: an officer sends what a press sends
(``BackMsg``) and reads all that comes back (``ForwardMsg``) to the end of the run. As a
browser does, it names the large parts that it still holds, which are then not sent again,
and it runs again the parts of a page that follow long work.
"""

from __future__ import annotations

import asyncio
import json
import time
from types import TracebackType
from typing import Any, Self

from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect

__all__ = ["Officer", "Value"]

Value = str | list[str] | bool | dict[str, Any]
_ENDS = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


class Officer:
    """One officer at one page; what is done returns when the server has ended the run.

    Attributes
    ----------
    times
        Each act, and the seconds from sending it to the end of the run.
    """

    def __init__(self, url: str) -> None:
        self._connecting = connect(
            url.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=["streamlit"],
            max_size=None,
        )
        self._pages: dict[str, str] = {}
        self._page = self._address = ""
        self._widgets: dict[str, str] = {}
        self._states: dict[str, WidgetState] = {}
        self._again: dict[str, float] = {}
        self._held: dict[str, ForwardMsg] = {}
        self._holding: dict[str, ForwardMsg] = {}
        self.times: list[tuple[str, float]] = []

    async def __aenter__(self) -> Self:
        self._socket = await self._connecting
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._socket.close()

    async def arrive(self) -> None:
        """Open the first page."""
        await self._timed("first page")

    async def go(self, path: str, name: str) -> None:
        """Open a page by its path, as a link in the menu does."""
        self._page, self._states = self._pages[path], {}
        await self._timed(name)

    async def act(self, key: str, value: Value, name: str) -> bool:
        """Press a button (True), or give a field, a choice or a table its value.

        Parameters
        ----------
        key
            The key of the widget, or its beginning with a star.

        Returns
        -------
        bool
            False when there is no such widget on the page now; then nothing is done.
        """
        widget = self._find(key)
        if widget is None:
            return False
        state = WidgetState(id=widget)
        if isinstance(value, bool):
            state.trigger_value = value
        else:  # all but a press is told again with each act to come
            self._states[widget] = state
            if isinstance(value, list):
                state.string_array_value.data.extend(value)
            else:
                state.string_value = value if isinstance(value, str) else json.dumps(value)
        await self._timed(name, state)
        return True

    async def wait(self) -> None:
        """Look at the page until the long work that it shows is over, unmeasured."""
        while self._again:
            await self._look()

    async def think(self, seconds: float) -> None:
        """Look at the page; what follows long work runs again meanwhile, unmeasured."""
        end = time.perf_counter() + seconds
        while self._again and time.perf_counter() + next(iter(self._again.values())) < end:
            await self._look()
        await asyncio.sleep(max(0.0, end - time.perf_counter()))

    async def _look(self) -> None:
        part, every = next(iter(self._again.items()))
        await asyncio.sleep(every)
        await self._run(fragment=part)

    def _find(self, key: str) -> str | None:
        if key.endswith("*"):
            names = (name for name in self._widgets if name.startswith(key[:-1]))
            return self._widgets.get(next(names, ""))
        return self._widgets.get(key)

    async def _timed(self, name: str, state: WidgetState | None = None) -> None:
        begun = time.perf_counter()
        await self._run(state)
        self.times.append((name, time.perf_counter() - begun))

    async def _run(self, state: WidgetState | None = None, fragment: str = "") -> None:
        message = BackMsg()
        run = message.rerun_script
        run.query_string, run.page_script_hash = self._address, self._page
        run.fragment_id, run.is_auto_rerun = fragment, bool(fragment)
        states = self._states | ({state.id: state} if state is not None else {})
        run.widget_states.widgets.extend(states.values())
        run.cached_message_hashes.extend(self._held)
        self._holding = dict(self._held) if fragment else {}
        if not fragment:
            self._anew()
        await self._socket.send(message.SerializeToString())
        while True:
            got = ForwardMsg.FromString(await self._socket.recv())
            if got.WhichOneof("type") == "script_finished":
                if got.script_finished in _ENDS:
                    break
                self._anew()  # the page began again by itself
            self._take(got)
        self._held = self._holding

    def _anew(self) -> None:
        self._widgets, self._again = {}, {}

    def _take(self, got: ForwardMsg) -> None:
        """Keep of a message what the next act needs."""
        if got.ref_hash:
            got = self._holding[got.ref_hash] = self._held[got.ref_hash]
        elif got.metadata.cacheable:
            self._holding[got.hash] = got
        match got.WhichOneof("type"):
            case "new_session":
                self._page = got.new_session.page_script_hash
            case "navigation":
                pages = got.navigation.app_pages
                self._pages = {page.url_pathname: page.page_script_hash for page in pages}
                self._pages[""] = next(page.page_script_hash for page in pages if page.is_default)
            case "page_info_changed":
                self._address = got.page_info_changed.query_string
            case "auto_rerun":
                self._again[got.auto_rerun.fragment_id] = got.auto_rerun.interval
            case "delta":
                self._note(got.delta.new_element)
                self._note(got.delta.add_block)

    def _note(self, part: Message) -> None:
        """Keep the id of a widget, ``$$ID-<hash>-<key>``, of the one field that is set."""
        for _, value in part.ListFields():
            if isinstance(value, Message) and (own := str(getattr(value, "id", ""))):
                self._widgets[own.split("-", 2)[-1]] = own
