// Log records are values that go through an injected sink; spdlog, files and clocks live in the engine.
// SIP messages are records, too: the log's trace and the ladder read the same ones.
//
// The SIP stack knows accounts, sessions and Call-IDs, its user lines and calls. Each writes what it knows,
// and a sink that wants line and call in every record keeps the names that both have told (LogNames).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/time.h"

namespace sidetone {

enum class LogLevel : std::uint8_t { fatal, error, warning, info, debug };
// `report` is what the log tells by itself: its header, the configuration, devices, the end of each call.
enum class LogTag : std::uint8_t { sip, reg, call, media, device, config, net, engine, lab, report };
inline constexpr std::size_t log_tags = 10;

[[nodiscard]] std::string_view to_string(LogLevel level);
[[nodiscard]] std::string_view to_string(LogTag tag);

// A set of levels.
class LogLevels {
 public:
  constexpr LogLevels() = default;
  [[nodiscard]] static constexpr LogLevels up_to(LogLevel most_detailed) {
    LogLevels levels;
    levels.bits_ = static_cast<std::uint8_t>((2U << static_cast<unsigned>(most_detailed)) - 1);
    return levels;
  }
  constexpr void add(LogLevel level) { bits_ |= bit(level); }
  [[nodiscard]] constexpr bool has(LogLevel level) const { return (bits_ & bit(level)) != 0; }
  // Those in both.
  [[nodiscard]] constexpr LogLevels within(LogLevels other) const {
    LogLevels levels;
    levels.bits_ = bits_ & other.bits_;
    return levels;
  }
  [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }  // five
  friend constexpr bool operator==(LogLevels, LogLevels) = default;

 private:
  static constexpr std::uint8_t bit(LogLevel level) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(level));
  }
  std::uint8_t bits_ = 0;
};

struct LogRecord {
  Time time;
  LogLevel level = LogLevel::info;
  LogTag tag = LogTag::engine;
  std::optional<std::uint32_t> line;       // LineId
  std::uint64_t call = 0;                  // CallId; 0: belongs to none
  std::string text;                        // no secret can be in it: Secret<T> does not format
  std::uint64_t account = 0, session = 0;  // the SIP stack's; 0: none
};

// One of them is as good as the others. What is told later adds to what was told before.
struct LogNames {
  std::uint64_t account = 0, session = 0;
  std::string call_id;  // Call-ID of SIP messages
  std::optional<std::uint32_t> line;
  std::uint64_t call = 0;
};

enum class SipDirection : std::uint8_t { in, out };

// One SIP message as it crossed a transport.
struct SipRecord {
  Time time;
  SipDirection direction = SipDirection::in;
  Address local;
  Address remote;
  std::string_view transport;  // "UDP", "TCP", "TLS": literals
  // Shared with the transport layer: a record costs no copy. Holds credentials: writers must redact.
  std::shared_ptr<const std::string> bytes;
};

class LogSink {
 public:
  virtual ~LogSink() = default;
  [[nodiscard]] virtual bool wants(LogTag tag, LogLevel level) const = 0;
  virtual void write(LogRecord record) = 0;
  [[nodiscard]] virtual bool wants_sip() const { return false; }
  virtual void trace(SipRecord record) { static_cast<void>(record); }
  virtual void name(LogNames names) { static_cast<void>(names); }
};

// The sink of who wants none.
class NullSink final : public LogSink {
 public:
  [[nodiscard]] bool wants(LogTag, LogLevel) const override { return false; }
  void write(LogRecord) override {}
};

}  // namespace sidetone
