//! Amazon Resource Names, taken apart (R-ARN-1, R-CON-26, R-CON-27).

/// The high bit of each byte that is zero.
pub(crate) const fn zero_bytes(word: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    !(((word & LOW) + LOW) | word | LOW)
}

/// An ARN with the places of its colons, of which the components are cut when they are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arn<'a> {
    text: &'a str,
    /// The second colon; the first is behind `arn`.
    second: usize,
    third: usize,
    fourth: usize,
    fifth: usize,
}

impl<'a> Arn<'a> {
    /// Finds the colons of `text`, or returns `None` where [`ArnParts::split`] does.
    ///
    /// Costs some dozen instructions for the ARNs that there are, and a few for each eight bytes of others.
    pub(crate) fn find(text: &'a str) -> Option<Self> {
        let colons = usual_colons(text.as_bytes()).or_else(|| any_colons(text.as_bytes()));
        let [second, third, fourth, fifth] = colons?;
        Some(Self { text, second, third, fourth, fifth })
    }

    /// The same for an ARN of the partition `aws` whose account is this one or empty, as nearly all are that are asked
    /// for. Nothing if it may be another one.
    ///
    /// The account has no colons.
    #[expect(clippy::inline_always, reason = "a third of it would be passing the result through memory")]
    #[inline(always)]
    pub(crate) fn usual_of(text: &'a str, account: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (third, fourth) = usual_start(bytes)?;
        let mut fifth = fourth + 1;
        if bytes.get(fifth) != Some(&b':') {
            let (found, behind) = bytes.get(fifth..)?.split_first_chunk::<12>()?;
            if found != <&[u8; 12]>::try_from(account.as_bytes()).ok()? || behind.first() != Some(&b':') {
                return None;
            }
            fifth += 12;
        }
        Some(Self { text, second: USUAL_SECOND, third, fourth, fifth })
    }

    fn between(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from + 1..to).unwrap_or("")
    }

    /// Component 2.
    pub(crate) fn partition(&self) -> &'a str {
        self.between(3, self.second)
    }

    /// Whether an ARN, here its whole text, is of the same partition.
    #[inline]
    pub(crate) fn is_in_partition_of(&self, other: &str) -> bool {
        let second = self.second;
        let (text, other) = (self.text.as_bytes(), other.as_bytes());
        // `arn:aws:` is as long as a word.
        match (second, text.first_chunk::<8>(), other.first_chunk::<8>()) {
            (7, Some(text), Some(other)) => text == other,
            _ => text.get(..=second).is_some_and(|head| other.starts_with(head)),
        }
    }

    /// Component 3.
    pub(crate) fn service(&self) -> &'a str {
        self.between(self.second, self.third)
    }

    /// Component 4.
    pub(crate) fn region(&self) -> &'a str {
        self.between(self.third, self.fourth)
    }

    /// Component 5.
    pub(crate) fn account(&self) -> &'a str {
        self.between(self.fourth, self.fifth)
    }

    /// The first eight bytes of component 3, with zeros behind a shorter one.
    #[inline]
    pub(crate) fn service_word(&self) -> u64 {
        let (text, from) = (self.text.as_bytes(), self.second + 1);
        // Behind the service are three colons at least.
        let Some(word) = text.get(from..).and_then(<[u8]>::first_chunk) else { return self.short_service_word() };
        let other = self.third.saturating_sub(from).saturating_mul(8);
        let mask = u64::MAX.checked_shl(u32::try_from(other).unwrap_or(u32::MAX)).unwrap_or(0);
        u64::from_le_bytes(*word) & !mask
    }

    /// The same at the end of the text.
    #[cold]
    #[inline(never)]
    fn short_service_word(&self) -> u64 {
        self.service().bytes().take(8).rev().fold(0, |word, byte| word << 8 | u64::from(byte))
    }

    /// Component 6.
    pub(crate) fn resource(&self) -> &'a str {
        self.text.get(self.fifth + 1..).unwrap_or("")
    }
}

const COLONS: u64 = 0x3a3a_3a3a_3a3a_3a3a;

/// Marks in the high bits of eight bytes: the lowest one is that of the first colon, and there is none without a colon.
/// Above the lowest one there may be others.
#[inline]
fn colons_at(text: &[u8], at: usize) -> Option<u64> {
    const LOW: u64 = 0x0101_0101_0101_0101;
    let word = u64::from_le_bytes(*text.get(at..at + 8)?.first_chunk()?) ^ COLONS;
    Some(word.wrapping_sub(LOW) & !word & (LOW << 7))
}

/// How many bytes are before the first one that is marked.
#[inline]
fn first_mark(marks: u64) -> usize {
    usize::try_from(marks.trailing_zeros() / 8).unwrap_or(0)
}

/// The first colon of the sixteen bytes from `at` on.
#[expect(clippy::inline_always, reason = "belongs to [`Arn::usual_of`]")]
#[inline(always)]
fn next_colon(text: &[u8], at: usize) -> Option<usize> {
    let marks = colons_at(text, at)?;
    if marks != 0 {
        return Some(at + first_mark(marks));
    }
    let at = at + 8;
    // Most regions have nine letters.
    if text.get(at) == Some(&b':') {
        return Some(at);
    }
    let marks = colons_at(text, at)?;
    (marks != 0).then_some(at + first_mark(marks))
}

/// The place of the second colon of ARNs of the partition `aws`.
const USUAL_SECOND: usize = 7;

/// The third and the fourth colon of an ARN as nearly all are: of the partition `aws`, a service and a region of up to
/// fifteen letters or no region. Nothing if it may be another one.
#[expect(clippy::inline_always, reason = "belongs to [`Arn::usual_of`]")]
#[inline(always)]
fn usual_start(text: &[u8]) -> Option<(usize, usize)> {
    if *text.first_chunk()? != *b"arn:aws:" {
        return None;
    }
    let third = next_colon(text, USUAL_SECOND + 1)?;
    Some((third, next_colon(text, third + 1)?))
}

/// The second to the fifth colon of such an ARN with an account of twelve digits or none.
#[inline]
fn usual_colons(text: &[u8]) -> Option<[usize; 4]> {
    let (third, fourth) = usual_start(text)?;
    if text.get(fourth + 1) == Some(&b':') {
        return Some([USUAL_SECOND, third, fourth, fourth + 1]);
    }
    // Twelve bytes that are no colons, and one that is.
    let fifth = fourth + 13;
    let is_account = colons_at(text, fourth + 1)? | colons_at(text, fourth + 5)? == 0;
    (is_account && text.get(fifth) == Some(&b':')).then_some([USUAL_SECOND, third, fourth, fifth])
}

/// The second to the fifth colon of any text that begins with `arn:`.
fn any_colons(bytes: &[u8]) -> Option<[usize; 4]> {
    let mut colons = [0; 4];
    let rest = bytes.strip_prefix(b"arn:")?;
    let mut at = 4;
    let mut open = colons.iter_mut();
    let (words, tail) = rest.as_chunks::<8>();
    for word in words {
        let mut marks = zero_bytes(u64::from_le_bytes(*word) ^ COLONS);
        while marks != 0 {
            if let Some(place) = open.next() {
                *place = at + first_mark(marks);
            }
            marks &= marks - 1;
        }
        if open.len() == 0 {
            return Some(colons);
        }
        at += 8;
    }
    for (byte, at) in tail.iter().zip(at..) {
        if *byte == b':'
            && let Some(place) = open.next()
        {
            *place = at;
        }
    }
    (open.len() == 0).then_some(colons)
}

/// The components of an ARN behind the leading `arn`.
///
/// Any component may be empty; nothing is said about whether the partition, the service or the account exists. All
/// but [`resource`](Self::resource) are free of colons when they come from [`split`](Self::split).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ArnParts<'a> {
    /// Component 2, such as `aws`.
    pub(crate) partition: &'a str,
    /// Component 3, such as `s3`.
    pub(crate) service: &'a str,
    /// Component 4; empty for global services.
    pub(crate) region: &'a str,
    /// Component 5: an account number, `aws`, or nothing.
    pub(crate) account: &'a str,
    /// Component 6: everything behind the fifth colon, further colons included.
    pub(crate) resource: &'a str,
}

impl<'a> ArnParts<'a> {
    /// Splits `text` at its first five colons, or returns `None` unless there are five and `arn` stands before the
    /// first (R-ARN-1, R-CON-27).
    ///
    /// `arn` is compared exactly: `ARN` and `*` are not it. Note that a pattern with policy variables must be parsed
    /// first, since a variable such as `${aws:username}` holds a colon that separates nothing. Never panics.
    pub(crate) fn split(text: &'a str) -> Option<Self> {
        Arn::find(text).map(|arn| Self::of(&arn))
    }

    /// The components of an ARN.
    pub(crate) fn of(arn: &Arn<'a>) -> Self {
        Self {
            partition: arn.partition(),
            service: arn.service(),
            region: arn.region(),
            account: arn.account(),
            resource: arn.resource(),
        }
    }

    /// Components 2 to 6 in order, to be compared one by one (R-CON-26).
    pub(crate) fn components(&self) -> [&'a str; 5] {
        [self.partition, self.service, self.region, self.account, self.resource]
    }
}

/// Returns whether `text` is an account number: exactly twelve ASCII digits.
pub(crate) fn is_account_id(text: &str) -> bool {
    let (Some(first), Some(last)) = (text.as_bytes().first_chunk(), text.as_bytes().last_chunk()) else { return false };
    // The high bit of each byte that is no digit: less than `0`, or more than `9`.
    let others = |bytes: [u8; 8]| {
        let digits = u64::from_le_bytes(bytes) ^ 0x3030_3030_3030_3030;
        (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
    };
    text.len() == 12 && others(*first) | others(*last) == 0
}

#[cfg(test)]
mod tests {
    use super::{Arn, ArnParts, is_account_id};
    use proptest::prelude::*;
    use std::{format, string::String};

    fn check(text: &str, expected: Option<[&str; 5]>) {
        assert_eq!(ArnParts::split(text).map(|parts| parts.components()), expected, "{text:?}");
    }

    #[test]
    fn six_components() {
        check("arn:aws:iam::111122223333:user/x", Some(["aws", "iam", "", "111122223333", "user/x"]));
        check("arn:aws:s3:::bucket/key", Some(["aws", "s3", "", "", "bucket/key"]));
        check("arn:aws:s3:*:*:b", Some(["aws", "s3", "*", "*", "b"]));
        check("arn:aws:sns:us-east-1:1:a:b:c", Some(["aws", "sns", "us-east-1", "1", "a:b:c"]));
        check("arn:aws:logs:r:1:log-group:g:*", Some(["aws", "logs", "r", "1", "log-group:g:*"]));
        check("arn:::::", Some(["", "", "", "", ""]));
        check("arn::::::", Some(["", "", "", "", ":"]));
        check("arn:ä:ö:ü:ß:é", Some(["ä", "ö", "ü", "ß", "é"]));
    }

    #[test]
    fn too_few_components_or_no_arn() {
        // the pattern of W-60 and the value of W-61, by R-CON-27
        for text in ["arn:aws:dynamodb:*:table/t", "hello", "*", "", "arn", "arn:", "arn::::", "arn:aws:s3"] {
            check(text, None);
        }
        for text in ["ARN:aws:s3:::b", "*:aws:s3:::b", " arn:aws:s3:::b", "urn:aws:s3:::b", ":::::", "arnx:a:b:c:d:e"] {
            check(text, None);
        }
    }

    #[test]
    fn usual_ones() {
        let is_usual = |text| Arn::usual_of(text, "111122223333").is_some();
        for text in [
            "arn:aws:s3:::bucket",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/t",
            "arn:aws:sns:us-east-1:111122223333:",
            "arn:aws:elasticloadbalanc:ap-southeast-1:111122223333:x",
            "arn:aws:logs:abcdefgh:111122223333:log-group:g:*",
        ] {
            assert_eq!(is_usual(text), !text.contains("balanc"), "{text:?}");
        }
        for text in
            ["", "*", "arn:aws:s3", "arn:aws:sns:us-east-1:111122223334:x", "arn:aws:sns:us-east-1:111122223333"]
        {
            assert!(!is_usual(text), "{text:?}");
        }
    }

    #[test]
    fn services_as_words() {
        let word = |text| Arn::find(text).map(|arn| arn.service_word().to_le_bytes());
        assert_eq!(word("arn:aws:s3:::b"), Some(*b"s3\0\0\0\0\0\0"));
        assert_eq!(word("arn:aws:::::"), Some([0; 8]), "the end of the text is near");
        assert_eq!(word("arn:aws:sns:::"), Some(*b"sns\0\0\0\0\0"));
        assert_eq!(word("arn:aws-cn:dynamodb:r::t"), Some(*b"dynamodb"));
        assert_eq!(word("arn:aws:elasticache:r:1:c"), Some(*b"elastica"));
        assert_eq!(word("arn:aws:é:::"), Some([0xc3, 0xa9, 0, 0, 0, 0, 0, 0]));
    }

    #[test]
    fn account_numbers() {
        for text in ["111122223333", "000000000000"] {
            assert!(is_account_id(text), "{text:?}");
        }
        // the last one is three Arabic-Indic digits and six ASCII digits: twelve bytes
        for text in ["", "11112222333", "1111222233334", "11112222333a", "1111-2222-33", "aws", "*", "٣٣٣123456"] {
            assert!(!is_account_id(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn usual_ones_are_what_they_are(
            text in "(arn:aws|arn:aws-cn|arn|)(:[a-z0-9]{0,17}){0,2}:?(|:|:111122223333:|:111122223334:|11112222333)[a-z:]{0,20}"
        ) {
            if let Some(usual) = Arn::usual_of(&text, "111122223333") {
                let (parts, account) = (ArnParts::of(&usual), usual.account());
                assert_eq!(Some(parts), ArnParts::split(&text));
                assert!(parts.partition == "aws" && (account.is_empty() || account == "111122223333"));
            }
        }

        #[test]
        fn joined_components_are_the_text(text in "(arn|ARN|x)?(:[a-z*/]{0,3}){0,8}|\\PC*") {
            let colons = text.bytes().filter(|&byte| byte == b':').count();
            match ArnParts::split(&text) {
                Some(parts) => {
                    let joined: String = format!("arn:{}", parts.components().join(":"));
                    assert_eq!(joined, text);
                    assert!(parts.components().iter().take(4).all(|part| !part.contains(':')));
                }
                None => assert!(colons < 5 || text.split(':').next() != Some("arn")),
            }
        }
    }
}
