//! The first pass: where each key of the dirty part was written last.

use super::keys::KeyMap;
use super::plan::Plan;
use super::transactions::Transactions;
use super::{Limits, MOST_DECOMPRESSED};
use crate::log::error::LogError;
use crate::log::partition::Partition;
use crate::log::walk::Walk;

/// Fills `keys` and returns the offset up to which it knows every record: the end of the plan, or where the memory was used
/// up. `None` when `pace` asked to stop.
pub(super) fn fill(
    partition: &Partition,
    plan: &Plan,
    keys: &mut KeyMap,
    mut transactions: Transactions,
    limits: &Limits<'_>,
) -> Result<Option<i64>, LogError> {
    let disk = partition.shared.disk();
    let mut covered = plan.first_dirty;
    for (segment, end) in plan.segments.iter().filter(|(_, end)| *end > plan.first_dirty) {
        let size = segment.visible();
        let from = segment.find(disk, plan.first_dirty, size)?.map_or(size, |(position, _)| position);
        let mut walk = Walk::new(segment, disk, from, size)?;
        while let Some((position, header)) = walk.step()? {
            let batch = segment.batch_at(disk, position, &header)?;
            let damaged =
                |error: thalweg_proto::record::RecordError| segment.corrupt(position, &error.to_string());
            batch.verify_crc().map_err(damaged)?;
            segment.check_end(position, &header, *end)?;
            let begun = covered > plan.first_dirty;
            // Records of an aborted transaction take nobody's place.
            if !header.is_control() && !transactions.pass_batch(&header) {
                for record in &batch.records(MOST_DECOMPRESSED).map_err(damaged)? {
                    let record = record.map_err(damaged)?;
                    let Some(key) = record.key.filter(|_| record.offset >= plan.first_dirty) else {
                        continue;
                    };
                    // The first batch is taken in any case, or there would be no end to it.
                    let has_room = !begun || keys.has_room_for(key, record.offset);
                    if !has_room || !keys.note(key, record.offset) {
                        return Ok(Some(covered));
                    }
                }
            } else if header.is_control() {
                transactions.pass_marker(&batch).map_err(damaged)?;
            }
            covered = header.next_offset();
            if !(limits.pace)(header.size_in_bytes() as u64) {
                return Ok(None);
            }
        }
        covered = covered.max(*end);
    }
    Ok(Some(covered))
}
