// A command's JSON object by field, with a default for what is left out. What a script wrote wrongly is
// thrown (boost::json's own exceptions and std::invalid_argument) and told to the script.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "sip/stack_types.h"
#include "sip/transport/flow.h"

namespace sidetone::interop {

class Fields {
 public:
  explicit Fields(const boost::json::object& json) : json_(json) {}

  [[nodiscard]] bool has(std::string_view key) const { return json_.contains(key); }
  [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise = {}) const;
  [[nodiscard]] std::int64_t number(std::string_view key, std::int64_t otherwise = 0) const;
  [[nodiscard]] bool flag(std::string_view key, bool otherwise = false) const;
  [[nodiscard]] std::chrono::seconds seconds(std::string_view key, std::chrono::seconds otherwise) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view key,
                                               std::vector<std::string> otherwise = {}) const;
  [[nodiscard]] Fields object(std::string_view key) const { return Fields(json_.at(key).as_object()); }
  // {"Name": "value"} or {"Name": ["value", "value"]}
  [[nodiscard]] std::vector<sip::ExtraHeader> headers(std::string_view key = "headers") const;
  // {"host", "port", "transport": "udp" | "tcp" | "tls" | "any"}
  [[nodiscard]] sip::NextHop next_hop(std::string_view key, sip::TlsProfileId profile) const;
  template <typename Id>
  [[nodiscard]] Id id(std::string_view key) const {
    return Id{static_cast<std::uint64_t>(number(key))};
  }

 private:
  const boost::json::object& json_;
};

}  // namespace sidetone::interop
