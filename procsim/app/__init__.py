"""The app: pages that read, call and show; no figure is computed here."""
