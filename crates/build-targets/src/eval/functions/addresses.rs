//! Functions on addresses of networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Args, Outcome, Pure, Value};

pub(super) fn function(name: &str) -> Option<Pure> {
    Some(match name {
        "cidrhost" => |a| {
            a.count(2..=2)?;
            Network::parse(&a.text(0)?)?.host(a.whole(1)?)
        },
        "cidrnetmask" => |a| {
            a.count(1..=1)?;
            let network = Network::parse(&a.text(0)?)?;
            Ok(Value::text(network.address(network.mask()).to_string()))
        },
        "cidrsubnet" => |a| {
            a.count(3..=3)?;
            Network::parse(&a.text(0)?)?.part(a.whole(1)?, a.whole(2)?)
        },
        "cidrsubnets" => subnets,
        _ => return None,
    })
}

/// The addresses that begin alike.
struct Network {
    /// The first of them, its bits in the lowest places.
    first: u128,
    /// How many bits are alike.
    alike: u32,
    /// How many bits an address has.
    bits: u32,
}

impl Network {
    /// Reads a network such as `10.0.0.0/8`.
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "this is not a network such as 10.0.0.0/8".to_owned();
        let (address, alike) = text.split_once('/').ok_or_else(wrong)?;
        let (first, bits) = match address.parse().map_err(|_| wrong())? {
            IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
            IpAddr::V6(address) => (address.to_bits(), 128),
        };
        let is_number = alike.bytes().all(|b| b.is_ascii_digit());
        let alike = alike.parse().ok().filter(|alike| is_number && *alike <= bits).ok_or_else(wrong)?;
        let network = Self { first, alike, bits };
        Ok(Self { first: first & network.mask(), ..network })
    }

    /// How many addresses it has, less one.
    const fn size(&self) -> u128 {
        ones(self.bits - self.alike)
    }

    const fn mask(&self) -> u128 {
        ones(self.bits) & !self.size()
    }

    fn address(&self, address: u128) -> IpAddr {
        match u32::try_from(address) {
            Ok(address) if self.bits == 32 => IpAddr::V4(Ipv4Addr::from_bits(address)),
            _ => IpAddr::V6(Ipv6Addr::from_bits(address)),
        }
    }

    fn named(&self) -> Value {
        Value::text(format!("{}/{}", self.address(self.first), self.alike))
    }

    /// One of the addresses by its number, from the end if that is negative.
    fn host(&self, number: i128) -> Outcome {
        let from_end = number.unsigned_abs().saturating_sub(1);
        let number = if number < 0 { self.size().checked_sub(from_end) } else { u128::try_from(number).ok() };
        let number = number.filter(|number| *number <= self.size());
        let number = number.ok_or("the network does not have that many addresses")?;
        Ok(Value::text(self.address(self.first | number).to_string()))
    }

    /// One of the networks in it that have some more bits alike, by its number.
    fn part(&self, more: i128, number: i128) -> Outcome {
        let more = u32::try_from(more).ok().filter(|more| *more <= 32 && self.alike + more <= self.bits);
        let more = more.ok_or("there are not that many bits")?;
        let number = u128::try_from(number).ok().filter(|number| *number <= ones(more));
        let number = number.ok_or("there are not that many networks of that size")?;
        let alike = self.alike + more;
        let first = self.first | number.checked_shl(self.bits - alike).unwrap_or(0);
        Ok(Self { first, alike, bits: self.bits }.named())
    }
}

/// As many of the lowest bits.
const fn ones(count: u32) -> u128 {
    if count == 0 { 0 } else { u128::MAX >> (128 - count) }
}

/// Networks one after the other, each by how many more bits it has alike.
fn subnets(args: &Args) -> Outcome {
    args.count(1..=usize::MAX)?;
    let network = Network::parse(&args.text(0)?)?;
    let last = network.first | network.size();
    // The tool looks at the network before, of which the first address has none.
    let mut next = Some(network.first).filter(|first| *first != 0);
    let mut all = Vec::new();
    for at in 1..args.values.len() {
        let more = u32::try_from(args.whole(at)?).ok().filter(|more| (1..=32).contains(more));
        let alike = more.map(|more| network.alike + more).filter(|alike| *alike <= network.bits);
        let alike = alike.ok_or_else(|| format!("argument {}: there are not that many bits", at + 1))?;
        let size = ones(network.bits - alike);
        // It begins at the first address that is free and fits it.
        let first = next.and_then(|next| next.checked_add(size)).map(|first| first & !size);
        let first = first.filter(|first| first | size <= last).ok_or("no room is left for this network")?;
        all.push(Network { first, alike, bits: network.bits }.named());
        next = (first | size).checked_add(1);
    }
    Ok(Value::list(all))
}
