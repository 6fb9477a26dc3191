//! What is said in the log about connections, kept from becoming the cost of a flood: each address has a few lines in a
//! while, and is then summed up in one.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::world::World;

/// Lines about one address in a window.
const LINES: u32 = 10;
/// How long a window is.
const WINDOW: Duration = Duration::from_secs(10);
/// Addresses that are told apart; those beyond share one allowance.
const MOST_ADDRESSES: usize = 1024;
/// Stands for all that are not told apart.
const OTHERS: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// Who has been complained about lately.
pub struct Complaints {
    world: World,
    recent: Mutex<HashMap<IpAddr, Window>>,
}

#[derive(Clone, Copy)]
struct Window {
    ends: Duration,
    lines: u32,
    withheld: u64,
}

impl Complaints {
    /// Nothing has been said yet.
    pub fn new(world: World) -> Arc<Self> {
        Arc::new(Self { world, recent: Mutex::default() })
    }

    /// Whether a line about this address may be written. Those that may not are counted, and their number is told
    /// when the address's window ends.
    pub fn may_tell(self: &Arc<Self>, ip: IpAddr) -> bool {
        let now = self.world.clock.monotonic();
        let mut recent = self.recent.lock();
        if recent.len() >= MOST_ADDRESSES {
            recent.retain(|_, window| window.withheld > 0 || now < window.ends);
        }
        let ip = ip.to_canonical();
        let is_told_apart = recent.contains_key(&ip) || recent.len() < MOST_ADDRESSES;
        let ip = if is_told_apart { ip } else { OTHERS };
        let fresh = Window { ends: now.saturating_add(WINDOW), lines: 0, withheld: 0 };
        let window = recent.entry(ip).or_insert(fresh);
        if now >= window.ends && window.withheld == 0 {
            *window = fresh;
        }
        if window.lines < LINES {
            window.lines += 1;
            return true;
        }
        window.withheld += 1;
        if window.withheld == 1 {
            tokio::spawn(self.clone().sum_up(ip, window.ends));
        }
        false
    }

    /// Tells how much was withheld, once the window has ended.
    async fn sum_up(self: Arc<Self>, ip: IpAddr, ends: Duration) {
        self.world.clock.sleep_until(ends).await;
        let Some(window) = self.recent.lock().remove(&ip) else { return };
        let client = if ip == OTHERS { "others".to_owned() } else { ip.to_string() };
        let seconds = WINDOW.as_secs();
        tracing::warn!(
            client,
            withheld = window.withheld,
            seconds,
            "more lines about connections were left out"
        );
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test that cannot go on should say where

    use super::*;
    use crate::world::real;

    fn withheld(complaints: &Complaints, ip: IpAddr) -> Option<u64> {
        complaints.recent.lock().get(&ip).map(|window| window.withheld)
    }

    #[tokio::test]
    async fn an_address_has_a_few_lines_and_costs_nobody_else_his() {
        let complaints = Complaints::new(real::world());
        let (noisy, quiet) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let told = (0..1000).filter(|_| complaints.may_tell(noisy)).count();
        assert_eq!(told, LINES as usize);
        assert_eq!(withheld(&complaints, noisy), Some(1000 - u64::from(LINES)));
        assert!(complaints.may_tell(quiet));
        complaints.clone().sum_up(noisy, Duration::ZERO).await;
        assert_eq!(withheld(&complaints, noisy), None);
        assert!(complaints.may_tell(noisy), "a new window has begun");
    }

    #[tokio::test]
    async fn many_addresses_take_little_memory_and_few_lines() {
        // Time stands still: on a slow machine a window would end meanwhile.
        let sim = crate::world::sim::Sim::new(1);
        let complaints = Complaints::new(sim.world());
        let addresses = (0..100_000_u32).map(|n| IpAddr::from(n.to_be_bytes()));
        let told = addresses.filter(|ip| complaints.may_tell(*ip)).count();
        assert_eq!(told, MOST_ADDRESSES + LINES as usize);
        assert!(complaints.recent.lock().len() <= MOST_ADDRESSES + 1);
    }
}
