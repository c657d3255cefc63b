"""Figures: every exercise as a drawing made from data, poses of a simple body that one renderer turns into SVG."""
