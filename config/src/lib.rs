//! The one table of settings of Thalweg, and its faces: file, environment, flags, descriptions.
