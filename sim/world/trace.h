// What happened in one world: a hash that two runs of the same seed must share, and, when asked for, the
// lines that a person reads to see why a rule was broken.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/time.h"

namespace sidetone::sim {

class Trace final : public LogSink {
 public:
  explicit Trace(bool keep) : keep_(keep) {}

  // A message that reached its receiver: always part of the hash.
  void delivered(Time now, std::string_view bytes);
  // Anything else worth a line; `text` is made only when lines are kept.
  template <typename Text>
  void note(Time now, std::string_view who, Text&& text) {
    if (keep_) add(now, who, text());
  }

  // LogSink: the stacks' own records.
  [[nodiscard]] bool wants(LogTag, LogLevel) const override { return keep_; }
  void write(LogRecord record) override;
  [[nodiscard]] bool wants_sip() const override { return keep_; }
  void trace(SipRecord record) override;

  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  [[nodiscard]] const std::vector<SipRecord>& messages() const { return messages_; }

 private:
  void add(Time now, std::string_view who, std::string_view text);
  void mix(std::uint64_t word);

  bool keep_;
  std::uint64_t hash_ = 0xcbf29ce484222325u;
  std::vector<std::string> lines_;
  std::vector<SipRecord> messages_;
};

// "312.045": seconds since the world began.
[[nodiscard]] std::string stamp(Time now);

}  // namespace sidetone::sim
