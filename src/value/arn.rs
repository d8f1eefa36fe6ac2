//! Amazon Resource Names, taken apart (R-ARN-1, R-CON-26, R-CON-27).

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
        let mut components = text.strip_prefix("arn:")?.splitn(5, ':');
        Some(Self {
            partition: components.next()?,
            service: components.next()?,
            region: components.next()?,
            account: components.next()?,
            resource: components.next()?,
        })
    }

    /// Components 2 to 6 in order, to be compared one by one (R-CON-26).
    #[cfg(test)]
    pub(crate) fn components(&self) -> [&'a str; 5] {
        [self.partition, self.service, self.region, self.account, self.resource]
    }
}

/// Returns whether `text` is an account number: exactly twelve ASCII digits.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{ArnParts, is_account_id};
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
