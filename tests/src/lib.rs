//! Scenarios over the public surface of Thalweg.
