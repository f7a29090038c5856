//! Identifiers. Each is a newtype, so that an operator can never be passed where an application
//! is meant. Time-ordered UUIDs are version 7 (RFC 9562).

use std::fmt;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "String"))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The 16 bytes as they are hashed and stored.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
            /// From 16 bytes; any bytes are taken, version bits are not checked.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
        impl<C> Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(self.as_bytes())?.ok()
            }
        }
        impl<'b, C> Decode<'b, C> for $name {
            fn decode(
                d: &mut minicbor::Decoder<'b>,
                _: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                let bytes: [u8; 16] = d
                    .bytes()?
                    .try_into()
                    .map_err(|_| minicbor::decode::Error::message("an id has 16 bytes"))?;
                Ok(Self::from_bytes(bytes))
            }
        }
    };
}

uuid_id!(
    /// An event in a device's log or a centre's feed.
    EventId
);
uuid_id!(
    /// An application. Equal to the id of the event that recorded it, so that it need not travel.
    ApplicationId
);
uuid_id!(
    /// A draft that has not been filed; it belongs to the office, not to an operator.
    DraftId
);
uuid_id!(
    /// An operator of an office.
    OperatorId
);
uuid_id!(
    /// The key under which a person without papers is known until a national id is found.
    ProvisionalKey
);

impl From<EventId> for ApplicationId {
    fn from(recorded: EventId) -> Self {
        Self(recorded.0)
    }
}

/// The number of an enrolled device, 1 to 99 999. Unique over all offices for ever: a re-enrolled
/// or restored device gets a new one.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "u32"))]
#[serde(transparent)]
#[cbor(transparent)]
pub struct DeviceNumber(#[n(0)] pub u32);

impl fmt::Display for DeviceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The centre's short code of an office, for instance `zahedan-0007`.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "String"))]
#[serde(transparent)]
#[cbor(transparent)]
pub struct OfficeCode(#[n(0)] pub String);

/// The stable code of a service, for instance `birth-registration`.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "String"))]
#[serde(transparent)]
#[cbor(transparent)]
pub struct ServiceCode(#[n(0)] pub String);

/// The stable code of an agency, for instance `civil-registration`.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "String"))]
#[serde(transparent)]
#[cbor(transparent)]
pub struct AgencyCode(#[n(0)] pub String);

macro_rules! code_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )*};
}
code_text!(OfficeCode, ServiceCode, AgencyCode);
