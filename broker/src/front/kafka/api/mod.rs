//! One module for each API: `handle(&Context, Request, version) -> Response`.

pub(super) mod api_versions;
pub(super) mod describe_producers;
pub(super) mod fetch;
pub(super) mod init_producer_id;
pub(super) mod list_offsets;
pub(super) mod offset_for_leader_epoch;
pub(super) mod produce;
