//! Who gets which partition, as pure functions of who wants what and who has what.
