//! Parses method, path and query to an operation of the connector.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// An operation of the connector. Ids are percent-decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation<'a> {
    /// `POST v3/conversations`
    CreateConversation,
    /// `POST v3/conversations/{conversation}/activities`
    Send {
        /// Conversation id, with or without `;messageid=`.
        conversation: Cow<'a, str>,
    },
    /// `POST v3/conversations/{conversation}/activities/{activity}`
    Reply {
        /// Conversation id.
        conversation: Cow<'a, str>,
        /// The activity replied to; an unknown one is ignored, as Teams does.
        activity: Cow<'a, str>,
    },
    /// `PUT v3/conversations/{conversation}/activities/{activity}`
    Update {
        /// Conversation id.
        conversation: Cow<'a, str>,
        /// Message id.
        activity: Cow<'a, str>,
    },
    /// `DELETE v3/conversations/{conversation}/activities/{activity}`
    Delete {
        /// Conversation id.
        conversation: Cow<'a, str>,
        /// Message id.
        activity: Cow<'a, str>,
    },
    /// `GET v3/conversations/{conversation}/pagedmembers`
    PagedMembers {
        /// Conversation id.
        conversation: Cow<'a, str>,
        /// Wanted size of a page; clamped to 50 to 500, 200 if absent.
        page_size: Option<u32>,
        /// Token of the page.
        continuation: Option<Cow<'a, str>>,
    },
    /// `GET v3/conversations/{conversation}/members`
    Members {
        /// Conversation id.
        conversation: Cow<'a, str>,
    },
    /// `GET v3/conversations/{conversation}/members/{member}`
    Member {
        /// Conversation id.
        conversation: Cow<'a, str>,
        /// `29:` id, Entra object id or user principal name.
        member: Cow<'a, str>,
    },
    /// `GET v3/conversations/{conversation}/activities/{activity}/members`
    ActivityMembers {
        /// Conversation id.
        conversation: Cow<'a, str>,
        /// Message id.
        activity: Cow<'a, str>,
    },
    /// `GET v3/teams/{team}`
    Team {
        /// Team id (that of its General channel).
        team: Cow<'a, str>,
    },
    /// `GET v3/teams/{team}/conversations`
    Channels {
        /// Team id.
        team: Cow<'a, str>,
    },
}

/// Why a request is not an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAnOperation {
    /// There is no such resource: 404.
    UnknownPath,
    /// The resource does not support the method: 405.
    WrongMethod,
    /// Invalid percent-encoding or an invalid number: 400.
    BadSyntax,
}

impl<'a> Operation<'a> {
    /// What precedes the segment `v3` of a path: the base of the service URL.
    #[must_use]
    pub fn address(path: &str) -> &str {
        path.find("/v3/").map_or("", |at| &path[..at])
    }

    /// Parses a request line. Whatever precedes the segment `v3` is the base of the service URL.
    pub fn parse(method: &str, path: &'a str, query: Option<&'a str>) -> Result<Self, NotAnOperation> {
        let rest = path
            .find("/v3/")
            .map(|at| &path[at + 4..])
            .or_else(|| path.strip_prefix("v3/"))
            .ok_or(NotAnOperation::UnknownPath)?;
        let mut segments = [""; 6];
        let mut count = 0;
        for segment in rest.trim_end_matches('/').split('/') {
            *segments.get_mut(count).ok_or(NotAnOperation::UnknownPath)? = segment;
            count += 1;
        }
        let is = |at: usize, name: &str| segments[at].eq_ignore_ascii_case(name);
        let id = |at: usize| percent_decode(segments[at]);
        match count {
            1 if is(0, "conversations") => only(method, "POST", || Ok(Self::CreateConversation)),
            2 if is(0, "teams") => only(method, "GET", || Ok(Self::Team { team: id(1)? })),
            3 if is(0, "teams") && is(2, "conversations") => {
                only(method, "GET", || Ok(Self::Channels { team: id(1)? }))
            }
            3 if is(0, "conversations") && is(2, "activities") => {
                only(method, "POST", || Ok(Self::Send { conversation: id(1)? }))
            }
            3 if is(0, "conversations") && is(2, "members") => {
                only(method, "GET", || Ok(Self::Members { conversation: id(1)? }))
            }
            3 if is(0, "conversations") && is(2, "pagedmembers") => {
                only(method, "GET", || paged(id(1)?, query))
            }
            4 if is(0, "conversations") && is(2, "members") => only(method, "GET", || {
                Ok(Self::Member {
                    conversation: id(1)?,
                    member: id(3)?,
                })
            }),
            4 if is(0, "conversations") && is(2, "activities") => {
                let (conversation, activity) = (id(1)?, id(3)?);
                match method {
                    "POST" => Ok(Self::Reply {
                        conversation,
                        activity,
                    }),
                    "PUT" => Ok(Self::Update {
                        conversation,
                        activity,
                    }),
                    "DELETE" => Ok(Self::Delete {
                        conversation,
                        activity,
                    }),
                    _ => Err(NotAnOperation::WrongMethod),
                }
            }
            5 if is(0, "conversations") && is(2, "activities") && is(4, "members") => {
                only(method, "GET", || {
                    Ok(Self::ActivityMembers {
                        conversation: id(1)?,
                        activity: id(3)?,
                    })
                })
            }
            _ => Err(NotAnOperation::UnknownPath),
        }
    }
}

fn only<'a>(
    method: &str,
    wanted: &str,
    operation: impl FnOnce() -> Result<Operation<'a>, NotAnOperation>,
) -> Result<Operation<'a>, NotAnOperation> {
    if method == wanted {
        operation()
    } else {
        Err(NotAnOperation::WrongMethod)
    }
}

fn paged<'a>(conversation: Cow<'a, str>, query: Option<&'a str>) -> Result<Operation<'a>, NotAnOperation> {
    let (mut page_size, mut continuation) = (None, None);
    for pair in query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
    {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = match value.contains('+') {
            true => Cow::Owned(percent_decode(&value.replace('+', " "))?.into_owned()),
            false => percent_decode(value)?,
        };
        if name.eq_ignore_ascii_case("pageSize") && !value.is_empty() {
            page_size = Some(value.parse().map_err(|_| NotAnOperation::BadSyntax)?);
        } else if name.eq_ignore_ascii_case("continuationToken") && !value.is_empty() {
            continuation = Some(value);
        }
    }
    Ok(Operation::PagedMembers {
        conversation,
        page_size,
        continuation,
    })
}

/// Decodes strictly: an escape that is none is an error, and so are bytes that are no text.
fn percent_decode(text: &str) -> Result<Cow<'_, str>, NotAnOperation> {
    let begins_with_digits = |part: &str| {
        let digits = part.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !text.split('%').skip(1).all(begins_with_digits) {
        return Err(NotAnOperation::BadSyntax);
    }
    percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| NotAnOperation::BadSyntax)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_and_raw_ids_mean_the_same_under_any_base() {
        let wanted = Operation::Send {
            conversation: "19:chan0002@thread.tacv2;messageid=1767603700456".into(),
        };
        for path in [
            "/teams/v3/conversations/19%3Achan0002%40thread.tacv2%3Bmessageid%3D1767603700456/activities",
            "/_connector/v3/conversations/19:chan0002@thread.tacv2;messageid=1767603700456/activities/",
            "/v3/Conversations/19%3achan0002@thread.tacv2;messageid=1767603700456/Activities",
        ] {
            assert_eq!(
                Operation::parse("POST", path, None).as_ref(),
                Ok(&wanted),
                "{path}"
            );
        }
        let slash = Operation::parse("GET", "/v3/teams/a%2Fb", None);
        assert_eq!(slash, Ok(Operation::Team { team: "a/b".into() }));
    }

    #[test]
    fn paging_arguments_are_decoded() {
        let query = Some("pageSize=200&continuationToken=A%2Bb%2F%3D%26x");
        let got = Operation::parse("GET", "/v3/conversations/c/pagedMembers", query);
        let continuation = Some("A+b/=&x".into());
        assert_eq!(
            got,
            Ok(Operation::PagedMembers {
                conversation: "c".into(),
                page_size: Some(200),
                continuation
            })
        );
        let bad = Operation::parse("GET", "/v3/conversations/c/pagedmembers", Some("pageSize=many"));
        assert_eq!(bad, Err(NotAnOperation::BadSyntax));
    }

    #[test]
    fn what_is_no_operation_says_why() {
        assert_eq!(
            Operation::parse("GET", "/v3/conversations", None),
            Err(NotAnOperation::WrongMethod)
        );
        assert_eq!(
            Operation::parse("PATCH", "/v3/conversations/c/activities/1", None),
            Err(NotAnOperation::WrongMethod)
        );
        assert_eq!(
            Operation::parse("GET", "/v3/nonsense", None),
            Err(NotAnOperation::UnknownPath)
        );
        assert_eq!(
            Operation::parse("GET", "/v3/a/b/c/d/e/f/g", None),
            Err(NotAnOperation::UnknownPath)
        );
        assert_eq!(
            Operation::parse("GET", "/elsewhere", None),
            Err(NotAnOperation::UnknownPath)
        );
        assert_eq!(
            Operation::parse("GET", "/v3/teams/%zz", None),
            Err(NotAnOperation::BadSyntax)
        );
        assert_eq!(
            Operation::parse("GET", "/v3/teams/%ff", None),
            Err(NotAnOperation::BadSyntax)
        );
    }
}
