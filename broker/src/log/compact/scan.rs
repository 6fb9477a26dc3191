//! The first pass: where each key of the dirty part was written last.

use super::keys::KeyMap;
use super::plan::Plan;
use super::tour::{Stop, Tour};
use super::transactions::Transactions;
use super::{Limits, MOST_DECOMPRESSED};
use crate::log::error::LogError;
use crate::log::partition::Partition;

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
        let mut tour = Tour::new(partition, segment, from..size, limits)?;
        loop {
            let (position, batch) = match tour.step()? {
                Stop::Batch(position, batch) => (position, batch),
                Stop::End => break,
                Stop::Asked => return Ok(None),
            };
            let header = batch.header();
            segment.check_end(position, header, *end)?;
            let damaged = |error| tour.damaged(position, &error);
            let begun = covered > plan.first_dirty;
            // Records of an aborted transaction take nobody's place.
            if !header.is_control() && !transactions.pass_batch(header) {
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
        }
        covered = covered.max(*end);
    }
    Ok(Some(covered))
}
