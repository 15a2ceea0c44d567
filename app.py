"""Start the app: ``streamlit run app.py``."""

from procsim.app.shell.main import main

main()
