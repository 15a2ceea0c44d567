"""procsim: model, measure and cut administrative procedures of Vietnam."""
