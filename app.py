"""Start the app: ``streamlit run app.py``."""

from procsim.app.main import main

main()
