"""What the ordinary applicant hands in: situations, roles, choices and counts of a dossier."""

from __future__ import annotations

from procsim.dossier.model import Dossier, DossierRow, Paper, Situation
from procsim.dossier.reading import dossier, read_dossiers

__all__ = ["Dossier", "DossierRow", "Paper", "Situation", "dossier", "read_dossiers"]
