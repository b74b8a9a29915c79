"""Tests and intervals with known error rates; one replicate is one network, never one neuron."""
