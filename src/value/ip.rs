//! Internet addresses and networks (R-CON-33).

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The two kinds of addresses; they never compare equal or contain each other (R-CON-33).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Family {
    /// 32 bits.
    V4,
    /// 128 bits, IPv4-mapped addresses such as `::ffff:10.0.0.1` included.
    V6,
}

impl Family {
    /// How many bits an address has, which is also the longest prefix.
    pub(crate) fn bit_count(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }
}

/// One internet address.
// Invariant: `bits` holds the address at its high end; for `V4` the low 96 bits are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Address {
    family: Family,
    bits: u128,
}

impl Address {
    /// Reads an IPv4 dotted quad or any spelling of an IPv6 address, or returns `None` (R-CON-33).
    ///
    /// Refused are a port, brackets, a zone (`fe80::1%eth0`), a prefix length, blanks, and leading zeros in a dotted
    /// quad, which some programs take for octal. Never panics.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.contains(&b':') {
            parse_long(bytes).map(|bits| Self { family: Family::V6, bits })
        } else {
            parse_quad(bytes).map(|bits| Self { family: Family::V4, bits: u128::from(bits) << 96 })
        }
    }

    /// The octets in network order; an IPv4 address fills the first four, zeros follow.
    pub(crate) fn octets(self) -> [u8; 16] {
        self.bits.to_be_bytes()
    }
}

impl From<IpAddr> for Address {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(quad) => Self { family: Family::V4, bits: u128::from(quad.to_bits()) << 96 },
            IpAddr::V6(long) => Self { family: Family::V6, bits: long.to_bits() },
        }
    }
}

impl From<Address> for IpAddr {
    fn from(address: Address) -> Self {
        let octets = address.octets();
        match address.family {
            Family::V4 => {
                let [a, b, c, d, ..] = octets;
                Self::V4(Ipv4Addr::new(a, b, c, d))
            }
            Family::V6 => Self::V6(Ipv6Addr::from(octets)),
        }
    }
}

/// All addresses that begin with the same bits.
// Invariant: `prefix <= address.family.bit_count()`, and the bits of `address` behind the prefix are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Network {
    address: Address,
    prefix: u8,
}

impl Network {
    /// Reads a CIDR block or a bare address, or returns `None` (R-CON-33).
    ///
    /// A bare address means `/32`, for IPv6 `/128`. Host bits are masked off: `203.0.113.77/24` is `203.0.113.0/24`.
    /// The prefix length is a decimal number without sign and without leading zeros; a netmask is refused, and so is
    /// whatever [`Address::parse`] refuses. Never panics.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match super::text::split_once(text, b'/') {
            Some((address, prefix)) => Self::new(Address::parse(address)?, parse_prefix(prefix)?),
            None => Address::parse(text).and_then(|address| Self::new(address, address.family.bit_count())),
        }
    }

    /// Returns the network of all addresses whose first `prefix` bits are those of `address`, or `None` if an address
    /// of that family has fewer bits.
    pub(crate) fn new(address: Address, prefix: u8) -> Option<Self> {
        if address.family.bit_count() < prefix {
            return None;
        }
        let Address { family, bits } = address;
        Some(Self { address: Address { family, bits: bits & mask(prefix) }, prefix })
    }

    /// Restores a network from what [`to_parts`](Self::to_parts) gave; octets behind the prefix are ignored.
    ///
    /// Returns `None` if the prefix is longer than an address of the family. Never panics.
    pub(crate) fn from_parts(family: Family, octets: [u8; 16], prefix: u8) -> Option<Self> {
        // A prefix that is not too long masks off what an IPv4 address must not have.
        Self::new(Address { family, bits: u128::from_be_bytes(octets) }, prefix)
    }

    /// Family, octets in network order (an IPv4 address fills the first four) and prefix length, for storage.
    pub(crate) fn to_parts(self) -> (Family, [u8; 16], u8) {
        (self.address.family, self.address.octets(), self.prefix)
    }

    /// The first address of the network.
    #[cfg(test)]
    pub(crate) fn address(self) -> Address {
        self.address
    }

    /// How many leading bits all addresses of the network share.
    #[cfg(test)]
    pub(crate) fn prefix(self) -> u8 {
        self.prefix
    }

    /// Returns whether every address of `other` lies in the network.
    #[cfg(feature = "compiler")]
    pub(crate) fn includes(self, other: Self) -> bool {
        self.prefix <= other.prefix && self.contains(other.address)
    }

    /// Returns whether `address` lies in the network (R-CON-33).
    ///
    /// An address of the other family never does, not even in `0.0.0.0/0` or `::/0`.
    pub(crate) fn contains(self, address: Address) -> bool {
        self.address.family == address.family && self.address.bits == address.bits & mask(self.prefix)
    }
}

impl fmt::Display for Network {
    /// Writes the block with its host bits masked off, such as `203.0.113.0/24`; a single address without its length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = IpAddr::from(self.address);
        if self.prefix == self.address.family.bit_count() {
            write!(f, "{address}")
        } else {
            write!(f, "{address}/{}", self.prefix)
        }
    }
}

/// A number with its high `prefix` bits set.
fn mask(prefix: u8) -> u128 {
    // Shifting by all 128 bits has no result in Rust; the mask of an empty prefix is zero.
    128_u32.checked_sub(u32::from(prefix)).and_then(|host_bits| u128::MAX.checked_shl(host_bits)).unwrap_or(0)
}

/// Reads a prefix length: `0`, or up to three digits that do not begin with `0`.
fn parse_prefix(text: &str) -> Option<u8> {
    parse_octet(text.as_bytes())
}

/// Reads `0`, or up to three decimal digits that do not begin with `0`, of at most 255.
fn parse_octet(digits: &[u8]) -> Option<u8> {
    let has_leading_zero = digits.len() > 1 && digits.first() == Some(&b'0');
    let value = parse_digits(digits, 10, 3).filter(|_| !has_leading_zero)?;
    u8::try_from(value).ok()
}

/// Reads one to `most` digits of a base.
fn parse_digits(digits: &[u8], base: u32, most: usize) -> Option<u32> {
    if digits.is_empty() || most < digits.len() {
        return None;
    }
    let mut value = 0;
    for &digit in digits {
        value = value * base + char::from(digit).to_digit(base)?;
    }
    Some(value)
}

/// Cuts the bytes at the first `separator`; what is behind it is missing where there is none.
fn cut(bytes: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    match bytes.iter().position(|&byte| byte == separator) {
        Some(at) => (bytes.get(..at).unwrap_or_default(), bytes.get(at + 1..)),
        None => (bytes, None),
    }
}

/// Reads an IPv4 dotted quad.
fn parse_quad(text: &[u8]) -> Option<u32> {
    let mut rest = Some(text);
    let mut bits = 0;
    for _ in 0..4 {
        let (octet, behind) = cut(rest?, b'.');
        bits = bits << 8 | u32::from(parse_octet(octet)?);
        rest = behind;
    }
    if rest.is_none() { Some(bits) } else { None }
}

/// Reads an IPv6 address: eight groups of four hexadecimal digits, the last two perhaps as a dotted quad, with `::` once
/// in place of one or more groups of zeros.
#[inline(never)]
fn parse_long(text: &[u8]) -> Option<u128> {
    let (mut before_gap, mut bits) = (0_u128, 0_u128);
    let (mut groups, mut gap) = (0_u32, None);
    let mut rest = text;
    if let Some(behind) = text.strip_prefix(b"::") {
        gap = Some(0);
        rest = behind;
    }
    // Nothing may follow a gap, but something must follow a single colon.
    let mut is_whole = gap.is_some() && rest.is_empty();
    while !is_whole {
        let (group, behind) = cut(rest, b':');
        if behind.is_none() && group.contains(&b'.') {
            bits = bits << 32 | u128::from(parse_quad(group)?);
            groups += 2;
        } else {
            bits = bits << 16 | u128::from(parse_digits(group, 16, 4)?);
            groups += 1;
        }
        if groups > 8 {
            return None;
        }
        let Some(behind) = behind else { break };
        rest = behind;
        if let Some(behind) = behind.strip_prefix(b":") {
            if gap.replace(groups).is_some() {
                return None;
            }
            (before_gap, bits) = (bits, 0);
            rest = behind;
            is_whole = rest.is_empty();
        }
    }
    match gap {
        // What stands before the gap belongs at the high end.
        Some(before) if groups < 8 => Some(before_gap.checked_shl(128 - 16 * before).unwrap_or(0) | bits),
        None if groups == 8 => Some(bits),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, Family, Network};
    use core::net::IpAddr;
    use proptest::prelude::*;
    use std::{format, string::ToString, vec::Vec};

    fn contains(network: &str, address: &str) -> Option<bool> {
        Network::parse(network).zip(Address::parse(address)).map(|(block, point)| block.contains(point))
    }

    fn check_inside(network: &str, address: &str) {
        assert_eq!(contains(network, address), Some(true), "{network} {address}");
    }

    fn check_outside(network: &str, address: &str) {
        assert_eq!(contains(network, address), Some(false), "{network} {address}");
    }

    fn check_printed(text: &str, printed: &str) {
        let network = Network::parse(text);
        assert_eq!(network.map(|network| network.to_string()).as_deref(), Some(printed), "{text:?}");
        assert_eq!(network, Network::parse(printed), "{text:?}");
    }

    #[test]
    fn spellings_of_one_address() {
        let one =
            ["2001:DB8::1", "2001:db8:0:0:0:0:0:1", "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::0.0.0.1"];
        for text in one {
            assert!(Address::parse(text).is_some(), "{text}");
            assert_eq!(Address::parse(text), Address::parse("2001:db8::1"), "{text}");
        }
        assert_eq!(Address::parse("::ffff:10.0.0.1").map(|address| address.family), Some(Family::V6));
        assert_ne!(Address::parse("::ffff:10.0.0.1"), Address::parse("10.0.0.1"));
        assert_ne!(Address::parse("a00:1::"), Address::parse("10.0.0.1"));
    }

    #[test]
    fn refused_addresses() {
        for text in ["", "unknown", "10.0.0.1:443", "10.0.0", "10.0.0.0.1", "10.0.0.256", "010.0.0.1", "0x0a.0.0.1"] {
            assert_eq!(Address::parse(text), None, "{text:?}");
        }
        for text in ["10.0.0.1/32", " 10.0.0.1", "10.0.0.1 ", "10.0.0.1\n", "167772161", "[::1]", "fe80::1%eth0", ":::"]
        {
            assert_eq!(Address::parse(text), None, "{text:?}");
        }
        for text in ["1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::12345", "1::2::3", "::1/128", "::g", "10.0.0.1::"] {
            assert_eq!(Address::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn refused_networks() {
        for text in ["", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/256", "10.0.0.0/99999999999", "::/129"] {
            assert_eq!(Network::parse(text), None, "{text:?}");
        }
        for text in ["10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/00", "10.0.0.0/8/8", "10.0.0.0/ 8", "10/8"]
        {
            assert_eq!(Network::parse(text), None, "{text:?}");
        }
        for text in ["10.0.0.0/255.0.0.0", "10.0.0.0-10.0.0.9", "10.0.0.*", "*", "10.0.0.0\\8", "10.0.0.0/٨"] {
            assert_eq!(Network::parse(text), None, "{text:?}");
        }
        assert_eq!(Network::from_parts(Family::V4, [0; 16], 33), None);
        assert_eq!(Network::from_parts(Family::V6, [0; 16], 129), None);
    }

    #[test]
    fn masked_host_bits() {
        check_printed("203.0.113.77/24", "203.0.113.0/24");
        check_printed("203.0.113.77", "203.0.113.77");
        check_printed("203.0.113.77/32", "203.0.113.77");
        check_printed("203.0.113.77/31", "203.0.113.76/31");
        check_printed("203.0.113.77/0", "0.0.0.0/0");
        check_printed("2001:DB8::1", "2001:db8::1");
        check_printed("2001:db8:1:2:3:4:5:6/64", "2001:db8:1:2::/64");
        check_printed("2001:db8::1/0", "::/0");
        check_printed("::ffff:10.1.2.3/104", "::ffff:10.0.0.0/104");
    }

    #[test]
    fn containment() {
        // W-69 and W-70, then R-CON-33
        check_outside("203.0.113.0/24", "2001:db8::1");
        check_inside("203.0.113.77/24", "203.0.113.1");
        check_outside("203.0.113.0/24", "203.0.114.1");
        check_inside("203.0.113.77", "203.0.113.77");
        check_outside("203.0.113.77", "203.0.113.78");
        check_inside("0.0.0.0/0", "255.255.255.255");
        check_outside("0.0.0.0/0", "::");
        check_outside("0.0.0.0/0", "::ffff:10.0.0.1");
        check_outside("::/0", "10.0.0.1");
        check_inside("::/0", "::ffff:10.0.0.1");
        check_inside("2001:db8::/32", "2001:DB8:FFFF::1");
        check_outside("2001:db8::/32", "2001:db9::1");
        check_inside("::ffff:10.0.0.0/104", "::ffff:10.9.9.9");
        check_outside("10.0.0.0/8", "::ffff:10.9.9.9");
        // the same high bits in both families
        check_outside("a00::/8", "10.0.0.1");
    }

    /// Containment bit by bit, on the octets.
    fn contains_by_bits(network: &[u8], prefix: u8, address: &[u8]) -> bool {
        let bits = |octets: &[u8]| -> Vec<bool> {
            octets.iter().flat_map(|octet| (0..8).map(move |at| octet << at & 0x80 != 0)).collect()
        };
        bits(network).iter().zip(bits(address)).take(usize::from(prefix)).all(|(&left, right)| left == right)
    }

    proptest! {
        #[test]
        fn reads_what_core_reads(
            text in "[0-9a-fA-F:.]{0,12}|([0-9a-f]{0,4}:){0,9}[0-9a-f]{0,4}|([0-9a-f]{1,2}:){0,7}:?([0-9.]{0,4}:?){0,3}|([0-9]{1,3}[.]){3}[0-9]{1,3}|([0-9a-f]{1,2}:{1,2}){0,7}([1-9]{1,3}[.]){3}[0-9]",
        ) {
            assert_eq!(Address::parse(&text), text.parse::<IpAddr>().ok().map(Address::from), "{text:?}");
        }

        #[test]
        fn v4_containment_is_bit_arithmetic(base: [u8; 4], flip in 0_u8..=32, prefix in 0_u8..=32) {
            let other = match 1_u32.checked_shl(u32::from(flip)) {
                Some(bit) => (u32::from_be_bytes(base) ^ bit).to_be_bytes(),
                None => base,
            };
            let text = format!("{}/{prefix}", IpAddr::from(base));
            let expected = contains_by_bits(&base, prefix, &other);
            assert_eq!(contains(&text, &IpAddr::from(other).to_string()), Some(expected));
            check_inside(&text, &IpAddr::from(base).to_string());
        }

        #[test]
        fn v6_containment_is_bit_arithmetic(base: [u8; 16], flip in 0_u8..=128, prefix in 0_u8..=128) {
            let other = match 1_u128.checked_shl(u32::from(flip)) {
                Some(bit) => (u128::from_be_bytes(base) ^ bit).to_be_bytes(),
                None => base,
            };
            let text = format!("{}/{prefix}", IpAddr::from(base));
            let expected = contains_by_bits(&base, prefix, &other);
            assert_eq!(contains(&text, &IpAddr::from(other).to_string()), Some(expected));
        }

        #[test]
        fn parts_restore_the_network(octets: [u8; 16], prefix in 0_u8..=140, v6: bool) {
            let family = if v6 { Family::V6 } else { Family::V4 };
            let network = Network::from_parts(family, octets, prefix);
            assert_eq!(network.is_some(), prefix <= family.bit_count());
            if let Some(network) = network {
                let (family, octets, prefix) = network.to_parts();
                assert_eq!(Network::from_parts(family, octets, prefix), Some(network));
                assert_eq!(Network::new(network.address(), network.prefix()), Some(network));
                assert_eq!(Network::parse(&network.to_string()), Some(network));
                assert!(network.contains(network.address()));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[0-9a-f:./]{0,20}|[0-9]{1,3}([.][0-9]{1,3}){3}/[0-9]{1,3}|\\PC*") {
            let network = Network::parse(&text);
            if let Some(address) = Address::parse(&text) {
                assert_eq!(network.map(Network::address), Some(address));
                assert_eq!(Address::from(IpAddr::from(address)), address);
            }
        }
    }
}
