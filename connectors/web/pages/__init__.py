"""The pages, one file each; each says its routes."""
