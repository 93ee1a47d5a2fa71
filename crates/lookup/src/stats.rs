use std::collections::BTreeMap;

use adyton_codec::Value;
use adyton_types::ErrorClass;

use crate::fault::WireFault;

const VERSION: &str = "adyton/lookup-stats/v1";

/// What a service tells its operator of itself: public quantities only, which the operator could
/// count and time from outside.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stats {
    /// How often the table has changed.
    pub epoch: u64,
    /// Records in the table.
    pub records: u64,
    /// Sessions that are held.
    pub sessions: u64,
    /// Sessions that were ever begun.
    pub greeted: u64,
    /// Queries answered.
    pub queries: u64,
    /// Keys of these queries, padding included.
    pub keys: u64,
    /// Messages refused, by class of error.
    pub refused: BTreeMap<String, u64>,
    /// Passes, by keys of their batch's class.
    pub passes: BTreeMap<u64, ClassStats>,
}

/// The passes of one class of batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassStats {
    /// How many.
    pub count: u64,
    /// Microseconds of all of them.
    pub micros: u64,
    /// Microseconds of the longest.
    pub longest: u64,
}

impl Stats {
    /// Counts a refusal.
    pub(crate) fn refuse(&mut self, class: ErrorClass) {
        *self.refused.entry(class.as_str().to_owned()).or_default() += 1;
    }

    /// Counts a pass.
    pub(crate) fn pass(&mut self, keys: u64, micros: u64) {
        let class = self.passes.entry(keys).or_default();
        class.count += 1;
        class.micros += micros;
        class.longest = class.longest.max(micros);
    }

    /// As it goes from the enclave to its operator.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let refused = self.refused.iter();
        let refused = refused.map(|(class, count)| (Value::text(class), Value::Uint(*count)));
        let passes = self.passes.iter().map(|(keys, class)| {
            let numbers = [class.count, class.micros, class.longest];
            let numbers = numbers.map(Value::Uint).to_vec();
            (Value::Uint(*keys), Value::Array(numbers))
        });
        Value::map([
            ("v", Value::text(VERSION)),
            ("epoch", Value::Uint(self.epoch)),
            ("records", Value::Uint(self.records)),
            ("sessions", Value::Uint(self.sessions)),
            ("greeted", Value::Uint(self.greeted)),
            ("queries", Value::Uint(self.queries)),
            ("keys", Value::Uint(self.keys)),
            ("refused", Value::Map(refused.collect())),
            ("passes", Value::Map(passes.collect())),
        ])
        .encode()
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// [`WireFault`].
    pub fn parse(bytes: &[u8]) -> Result<Self, WireFault> {
        let mut fields = Value::decode(bytes)?.into_fields("stats")?;
        fields.version("v", VERSION)?;
        let mut stats = Self {
            epoch: fields.uint("epoch")?,
            records: fields.uint("records")?,
            sessions: fields.uint("sessions")?,
            greeted: fields.uint("greeted")?,
            queries: fields.uint("queries")?,
            keys: fields.uint("keys")?,
            ..Self::default()
        };
        for (class, count) in entries(fields.required("refused")?, "refused")? {
            let class = class.into_text("refused")?.into_owned();
            stats.refused.insert(class, count.into_uint("refused")?);
        }
        for (keys, numbers) in entries(fields.required("passes")?, "passes")? {
            let wrong = WireFault::Field { field: "passes" };
            let Value::Array(numbers) = numbers else {
                return Err(wrong);
            };
            let Ok(
                [
                    Value::Uint(count),
                    Value::Uint(micros),
                    Value::Uint(longest),
                ],
            ) = <[Value<'_>; 3]>::try_from(numbers)
            else {
                return Err(wrong);
            };
            let class = ClassStats {
                count,
                micros,
                longest,
            };
            stats.passes.insert(keys.into_uint("passes")?, class);
        }
        fields.finish()?;
        Ok(stats)
    }

    /// In the text format of Prometheus (exposition format 0.0.4).
    #[must_use]
    pub fn prometheus(&self) -> String {
        let mut text = String::new();
        let mut metric = |name: &str, kind: &str, help: &str, values: &[(String, String)]| {
            text.push_str(&format!(
                "# HELP adyton_lookup_{name} {help}\n# TYPE adyton_lookup_{name} {kind}\n"
            ));
            for (labels, value) in values {
                text.push_str(&format!("adyton_lookup_{name}{labels} {value}\n"));
            }
        };
        let one = |value: u64| [(String::new(), value.to_string())];
        metric(
            "records",
            "gauge",
            "Records in the table.",
            &one(self.records),
        );
        metric(
            "epoch",
            "counter",
            "Changes of the table.",
            &one(self.epoch),
        );
        metric("sessions", "gauge", "Sessions held.", &one(self.sessions));
        metric(
            "sessions_total",
            "counter",
            "Sessions begun.",
            &one(self.greeted),
        );
        metric(
            "queries_total",
            "counter",
            "Queries answered.",
            &one(self.queries),
        );
        metric(
            "keys_total",
            "counter",
            "Keys of queries, padding included.",
            &one(self.keys),
        );
        let refused = self.refused.iter();
        let refused = refused.map(|(class, n)| (format!("{{class=\"{class}\"}}"), n.to_string()));
        let refused: Vec<_> = refused.collect();
        metric("refused_total", "counter", "Messages refused.", &refused);
        let by_class = |value: fn(&ClassStats) -> String| -> Vec<_> {
            let passes = self.passes.iter();
            passes
                .map(|(keys, class)| (format!("{{keys=\"{keys}\"}}"), value(class)))
                .collect()
        };
        let passes = by_class(|class| class.count.to_string());
        metric("passes_total", "counter", "Passes over the table.", &passes);
        let seconds = by_class(|class| format!("{:.6}", class.micros as f64 / 1e6));
        metric("pass_seconds_total", "counter", "Time of passes.", &seconds);
        text
    }
}

type Entry<'a> = (Value<'a>, Value<'a>);

fn entries<'a>(value: Value<'a>, field: &'static str) -> Result<Vec<Entry<'a>>, WireFault> {
    match value {
        Value::Map(entries) => Ok(entries),
        _ => Err(WireFault::Field { field }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut stats = Stats {
            records: 5,
            keys: 16,
            ..Stats::default()
        };
        stats.refuse(ErrorClass::Rejected);
        stats.pass(256, 70);
        stats.pass(256, 30);
        assert_eq!(Stats::parse(&stats.encode()), Ok(stats.clone()));
        let text = stats.prometheus();
        for line in [
            "adyton_lookup_records 5",
            "adyton_lookup_refused_total{class=\"rejected\"} 1",
            "adyton_lookup_passes_total{keys=\"256\"} 2",
            "adyton_lookup_pass_seconds_total{keys=\"256\"} 0.000100",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}
