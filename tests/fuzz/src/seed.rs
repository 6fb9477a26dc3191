//! Writes the corpus that the targets start from: messages of every version, headers, and batches of every codec.
#![no_main]

use std::{fs, io, path::Path};

use libfuzzer_sys::fuzz_target;
use thalweg_proto::{
    frame::RequestHeader,
    record::{BatchBuilder, Compression, Header},
    records::group::{
        ClassicGroupValue, ConsumerGroupMemberValue, CurrentAssignmentValue, OffsetCommitValue, Record,
        RegularExpressionValue, TargetAssignmentMemberValue,
    },
    wire::{Source, Text, Writer},
};

#[path = "../../tests/wire/catalog.rs"]
#[allow(dead_code)]
mod catalog;

// As a target it links the runtime of the coverage counters that everything here is built with.
fuzz_target!(init: seed(Path::new("corpus")).expect("the corpus can be written"), |_input| {});

fn seed(corpus: &Path) -> io::Result<()> {
    messages(&corpus.join("message"))?;
    headers(&corpus.join("header"))?;
    batches(&corpus.join("batch"))?;
    group_records(&corpus.join("group_record"))
}

fn messages(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    for (index, codec) in catalog::codecs().into_iter().enumerate() {
        for (place, version) in codec.versions.clone().enumerate() {
            let body =
                (0..).map(|seed| (codec.any)(&mut Source::new(seed), version)).find(|body| body.len() < 300);
            let prefix = [index as u8, place as u8];
            fs::write(
                directory.join(format!("{index}-{version}")),
                [&prefix[..], &body.unwrap_or_default()].concat(),
            )?;
        }
    }
    Ok(())
}

fn headers(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    for (api_key, api_version, version) in [(3, 1, 1), (3, 13, 2), (18, 4, 2)] {
        let header =
            RequestHeader { api_key, api_version, correlation_id: 1, client_id: Some(Text::from("seed")) };
        let mut writer = Writer::new();
        header.encode(&mut writer, version).map_err(io::Error::other)?;
        fs::write(directory.join(format!("{api_key}-{api_version}")), catalog::joined(&mut writer))?;
    }
    Ok(())
}

fn batches(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    for codec in Compression::ALL {
        let mut batch = BatchBuilder::new(codec);
        for number in 0..20_i64 {
            let headers = [Some(&b"value"[..]), None].map(|value| Header { key: b"key", value });
            batch.append(number, Some(b"key"), Some(&[7; 40]), headers).map_err(io::Error::other)?;
        }
        fs::write(directory.join(codec.name()), batch.build().map_err(io::Error::other)?)?;
    }
    Ok(())
}

/// Records of `__consumer_offsets`, with the length of the key before it.
fn group_records(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let mut source = Source::new(1);
    for place in 0..20 {
        let (group, member) = ("group".into(), "member".into());
        let record = match place % 6 {
            0 => Record::OffsetCommit {
                group,
                topic: member,
                partition: 1,
                value: source.message::<OffsetCommitValue>(4).ok(),
            },
            1 => Record::ClassicGroup { group, value: source.message::<ClassicGroupValue>(3).ok() },
            2 => Record::ConsumerGroupMember {
                group,
                member,
                value: source.message::<ConsumerGroupMemberValue>(0).ok(),
            },
            3 => Record::TargetAssignmentMember {
                group,
                member,
                value: source.message::<TargetAssignmentMemberValue>(0).ok(),
            },
            4 => Record::CurrentAssignment {
                group,
                member,
                value: source.message::<CurrentAssignmentValue>(0).ok(),
            },
            _ => Record::RegularExpression {
                group,
                expression: member,
                value: source.message::<RegularExpressionValue>(0).ok(),
            },
        };
        let (key, value) = record.encode().map_err(io::Error::other)?;
        let bytes = [&[key.len() as u8][..], &key, &value.unwrap_or_default()].concat();
        fs::write(directory.join(place.to_string()), bytes)?;
    }
    Ok(())
}
