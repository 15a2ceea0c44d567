"""The document network: links between procedures, chains, ranking, duplicates, likenesses."""
