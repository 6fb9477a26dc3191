//! Lengths that lie: nothing is allocated for them, and they are refused.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use bytes::Bytes;
use thalweg_proto::{
    frame::RequestHeader,
    messages::{fetch, metadata, produce},
    wire::{Message, Reader, Source, WireError},
};

use crate::catalog::codecs;

thread_local! {
    /// Bytes asked for by this thread, never lowered.
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// The allocator interface is unsafe by nature; this one only counts.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.with(|allocated| allocated.set(allocated.get() + layout.size()));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATED.with(|allocated| allocated.set(allocated.get() + size));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes that `work` allocates.
pub fn allocated<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = ALLOCATED.with(Cell::get);
    let result = work();
    (result, ALLOCATED.with(Cell::get) - before)
}

/// What a frame may make a decoder allocate: the budget of the reader, and the handles to the frame.
pub fn limit(frame: usize) -> usize {
    16 * frame + 64 * 1024 + 1024
}

#[test]
fn a_claim_of_two_thousand_million_elements_allocates_nothing() {
    let claim = Bytes::from_static(&[0x7f, 0xff, 0xff, 0xff]);
    let (result, bytes) = allocated(|| metadata::Request::decode(&mut Reader::new(claim), 1));
    assert_eq!((result, bytes), (Err(WireError::Length(0x7fff_ffff)), 0));

    // The same as a variable-length integer of five bytes; in Produce the array comes after seven other bytes.
    let claim = Bytes::from_static(&[0, 0xff, 0xff, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    let (result, bytes) = allocated(|| produce::Request::decode(&mut Reader::new(claim), 13));
    assert_eq!((result, bytes), (Err(WireError::Length(0xffff_fffe)), 0));
}

#[test]
fn every_decoder_refuses_the_claim_without_allocating() {
    let claims: [&'static [u8]; 6] = [
        &[0x7f, 0xff, 0xff, 0xff],
        &[0x80, 0, 0, 0],
        &[0xff, 0xff, 0xff, 0xfe],
        &[0xff, 0xff, 0xff, 0xff, 0x0f],
        &[0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x7f; 4],
    ];
    for codec in codecs() {
        for version in codec.versions.clone() {
            for claim in claims {
                let frame = Bytes::from_static(claim);
                let (_, bytes) = allocated(|| (codec.decode)(frame, version));
                assert!(bytes <= 64, "{}: {bytes} bytes for {claim:?}", codec.name(version));
            }
        }
    }
}

/// Each four bytes of real messages are overwritten with a great length, wherever they lie.
#[test]
fn lies_within_messages_cost_no_memory() {
    for codec in codecs() {
        for version in codec.versions.clone() {
            let whole = (codec.any)(&mut Source::new(41), version);
            let step = whole.len() / 200 + 1;
            for position in (0..whole.len()).step_by(step) {
                for lie in [
                    [0x7f, 0xff, 0xff, 0xff],
                    [0xff, 0xff, 0xff, 0x0f],
                    [0x7f, 0xff, 0, 0],
                    [0, 0, 0xff, 0xff],
                ] {
                    let mut bytes = whole.to_vec();
                    let end = whole.len().min(position + 4);
                    bytes[position..end].copy_from_slice(&lie[..end - position]);
                    let frame = Bytes::from(bytes);
                    let (_, bytes) = allocated(|| (codec.decode)(frame, version));
                    let limit = limit(whole.len());
                    assert!(bytes <= limit, "{}: {bytes} bytes of {limit}", codec.name(version));
                }
            }
        }
    }
}

/// Noise is the cheapest attack: whatever it decodes to can be encoded again or is refused, and never costs much.
#[test]
fn noise_neither_panics_nor_costs_memory() {
    for codec in codecs() {
        for version in codec.versions.clone() {
            let mut source = Source::new(u64::from(version.unsigned_abs()));
            for _ in 0..300 {
                let length = source.below(96);
                let small = source.chance(2);
                let byte = |bits: u64| if small { (bits % 4) as u8 } else { bits as u8 };
                let frame: Bytes = (0..length).map(|_| byte(source.bits())).collect();
                let (result, bytes) = allocated(|| (codec.recode)(frame.clone(), version));
                assert!(bytes <= 4 * limit(frame.len()), "{}: {bytes} bytes", codec.name(version));
                if let Ok(again) = result {
                    let twice = (codec.recode)(again.clone(), version);
                    assert_eq!(twice, Ok(again), "{}", codec.name(version));
                }
            }
        }
    }
}

/// Many empty elements are the most that real bytes can buy.
#[test]
fn a_frame_of_empty_elements_stays_within_its_budget() {
    let count = 4_000_000_u32;
    let mut frame = Vec::from(count.to_be_bytes());
    frame.resize(frame.len() + count as usize * 2, 0);
    let (length, frame) = (frame.len(), Bytes::from(frame));
    let (result, bytes) = allocated(|| metadata::Request::decode(&mut Reader::new(frame), 1));
    assert!(matches!(result, Err(WireError::Budget(_))), "{result:?}");
    assert!(bytes <= limit(length), "{bytes}");
}

#[test]
fn a_null_is_refused_where_the_version_has_none() {
    // Metadata v0 asks for all topics with an empty array, from v1 on with null.
    let null = Bytes::from_static(&[0xff; 4]);
    assert_eq!(metadata::Request::decode(&mut Reader::new(null.clone()), 0), Err(WireError::Null));
    assert_eq!(metadata::Request::decode(&mut Reader::new(null), 1).unwrap().topics, None);
}

#[test]
fn a_tagged_field_is_as_long_as_it_says() {
    let response = fetch::Response {
        node_endpoints: vec![fetch::NodeEndpoint { node_id: 1, ..Default::default() }],
        ..Default::default()
    };
    let mut writer = thalweg_proto::wire::Writer::new();
    response.encode(&mut writer, 17).unwrap();
    let whole = writer.finish().concat();
    let decode = |bytes: &[u8]| fetch::Response::decode(&mut Reader::new(Bytes::copy_from_slice(bytes)), 17);
    assert_eq!(decode(&whole), Ok(response));

    // One byte more in the size, and one more after it: the field would end before its bytes do.
    let size = 4 + 2 + 4 + 1 + 1 + 1;
    let mut longer = whole.clone();
    assert_eq!(longer[size], 12);
    longer[size] += 1;
    longer.push(0);
    assert_eq!(decode(&longer), Err(WireError::Trailing(1)));
}

#[test]
fn a_string_that_is_not_unicode_is_mended() {
    let bad = Bytes::from_static(&[0, 3, 0, 1, 0, 0, 0, 1, 0, 2, 0xc3, 0x28]);
    let header = RequestHeader::decode(&mut Reader::new(bad)).unwrap();
    assert_eq!(header.client_id.as_deref(), Some("\u{fffd}("));
}
