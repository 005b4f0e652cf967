// Which line and call a record is about, from what the SIP stack and its user have told (LogNames).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/log.h"

namespace sidetone::engine {

class LogNameBook {
 public:
  struct Name {
    std::optional<std::uint32_t> line;
    std::uint64_t call = 0;
    friend bool operator==(const Name&, const Name&) = default;
  };

  void learn(const LogNames& names);
  [[nodiscard]] Name of_account(std::uint64_t account) const;
  [[nodiscard]] Name of_session(std::uint64_t session) const;
  [[nodiscard]] Name of_call_id(std::string_view call_id) const;
  [[nodiscard]] std::optional<std::uint32_t> line_of_call(std::uint64_t call) const;
  // Fills in what the record's writer did not know.
  void complete(LogRecord& record) const;

 private:
  struct Session {
    std::uint64_t account = 0;
    Name name;
  };
  struct CallIdOwner {
    std::uint64_t account = 0, session = 0;
  };
  struct StringHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  // Calls are forgotten in the order in which they came. A busy phone has a hundred calls a day, and a call
  // of which the name is lost is one whose lines show no number: nothing else.
  static constexpr std::size_t kept_max = 4096;
  // Lines of a phone, or accounts of a large server.
  static constexpr std::size_t accounts_max = 16384;

  std::unordered_map<std::uint64_t, Name> accounts_;
  std::unordered_map<std::uint64_t, Session> sessions_;
  std::unordered_map<std::uint64_t, std::uint32_t> lines_of_calls_;
  std::unordered_map<std::string, CallIdOwner, StringHash, std::equal_to<>> call_ids_;
  std::deque<std::uint64_t> sessions_in_order_;
  std::deque<std::string> call_ids_in_order_;
};

// The Call-ID of a SIP message (RFC 3261 §20.8, compact form §7.3.3), well formed or not; empty: none was
// seen.
[[nodiscard]] std::string_view call_id_in(std::string_view message);

}  // namespace sidetone::engine
