//! Every message at every version: what can be read can be written and read again, and nothing panics.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use thalweg_proto::frame::RequestHeader;
use thalweg_proto::wire::{Message, Reader, Writer};

fn round_trip<M: Message + PartialEq + std::fmt::Debug>(body: &Bytes, version: i16) {
    let Ok(message) = M::decode(&mut Reader::new(body.clone()), version) else { return };
    let mut writer = Writer::new();
    if message.encode(&mut writer, version).is_err() {
        return;
    }
    let written = Bytes::from(writer.finish().concat());
    let again = M::decode(&mut Reader::new(written.clone()), version).expect("what was written can be read");
    let mut writer = Writer::new();
    again.encode(&mut writer, version).expect("what was read can be written");
    assert_eq!(written, writer.finish().concat(), "written twice the same");
}

macro_rules! messages {
    ($($api:ident)*) => {
        const APIS: &[fn(&Bytes, i16)] = &[$(
            round_trip::<thalweg_proto::messages::$api::Request>,
            round_trip::<thalweg_proto::messages::$api::Response>,
        )*];
    };
}

messages! {
    alter_configs alter_replica_log_dirs api_versions create_partitions create_topics delete_records delete_topics describe_cluster
    describe_configs describe_log_dirs describe_producers describe_topic_partitions fetch incremental_alter_configs init_producer_id
    list_offsets metadata offset_for_leader_epoch produce unregister_broker
}

fuzz_target!(|data: &[u8]| {
    let [api, version, body @ ..] = data else { return };
    let body = Bytes::copy_from_slice(body);
    if let Some(check) = APIS.get(usize::from(*api) % APIS.len()) {
        check(&body, i16::from(version % 20));
    }
    let _ = RequestHeader::decode(&mut Reader::new(body));
});
