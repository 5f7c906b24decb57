//! A network, as `10.0.0.0/8` names it.

use std::net::IpAddr;
use std::str::FromStr;

/// All addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// The first address, as bits from the top; IPv4 in its mapped form.
    first: u128,
    /// How many bits count.
    bits: u32,
}

/// It is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a network is an address and the number of its bits: `10.0.0.0/8`, `fd00::/8`, or one address alone")]
pub struct NotNetwork;

impl Network {
    /// Whether an address is one of its.
    pub fn has(&self, address: IpAddr) -> bool {
        (bits_of(address) ^ self.first).leading_zeros() >= self.bits
    }
}

/// IPv4 addresses are compared in their mapped form: a socket that takes both shows them so.
fn bits_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl FromStr for Network {
    type Err = NotNetwork;

    fn from_str(text: &str) -> Result<Self, NotNetwork> {
        let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
        let address: IpAddr = address.parse().map_err(|_| NotNetwork)?;
        let (whole, before) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
        let length: u32 = match length {
            Some(length) => length.parse().map_err(|_| NotNetwork)?,
            None => whole,
        };
        let network = Self {
            first: bits_of(address),
            bits: before + length,
        };
        // What stands behind the bits that count would say something that does not count.
        let rest = network.first.checked_shl(network.bits).unwrap_or(0);
        if length > whole || rest != 0 {
            return Err(NotNetwork);
        }
        Ok(network)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_its_network_and_in_no_other() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.1.2", "11.0.0.1"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("0.0.0.0/0", "203.0.113.9", "2001:db8::1"),
            ("fd00::/8", "fd12::1", "fe80::1"),
            ("::/0", "10.0.0.1", "::"),
        ] {
            let read: Network = network.parse().unwrap();
            assert!(read.has(inside.parse().unwrap()), "{network} has {inside}");
            if network != "::/0" {
                assert!(!read.has(outside.parse().unwrap()), "{network} has not {outside}");
            }
        }
        assert!(
            "10.0.0.0/8"
                .parse::<Network>()
                .unwrap()
                .has("::ffff:10.1.2.3".parse().unwrap())
        );
    }

    #[test]
    fn what_is_no_network_is_none() {
        for text in [
            "",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "10.0.0/8",
            "fd00::/129",
            "host",
            "10.0.0.0/-1",
        ] {
            assert_eq!(text.parse::<Network>(), Err(NotNetwork), "{text}");
        }
    }
}
