#include "fields.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <stdexcept>

namespace sidetone::interop {
namespace {

std::string string_of(const boost::json::value& value) { return std::string(value.as_string()); }

}  // namespace

std::string Fields::text(std::string_view key, std::string_view otherwise) const {
  const auto* value = json_.if_contains(key);
  return value != nullptr ? string_of(*value) : std::string(otherwise);
}

std::int64_t Fields::number(std::string_view key, std::int64_t otherwise) const {
  const auto* value = json_.if_contains(key);
  return value != nullptr ? value->to_number<std::int64_t>() : otherwise;
}

bool Fields::flag(std::string_view key, bool otherwise) const {
  const auto* value = json_.if_contains(key);
  return value != nullptr ? value->as_bool() : otherwise;
}

std::chrono::seconds Fields::seconds(std::string_view key, std::chrono::seconds otherwise) const {
  return std::chrono::seconds(number(key, otherwise.count()));
}

std::vector<std::string> Fields::texts(std::string_view key, std::vector<std::string> otherwise) const {
  const auto* value = json_.if_contains(key);
  if (value == nullptr) return otherwise;
  std::vector<std::string> all;
  for (const auto& each : value->as_array()) all.push_back(string_of(each));
  return all;
}

std::vector<sip::ExtraHeader> Fields::headers(std::string_view key) const {
  std::vector<sip::ExtraHeader> all;
  const auto* value = json_.if_contains(key);
  if (value == nullptr) return all;
  for (const auto& [name, content] : value->as_object()) {
    if (const auto* several = content.if_array())
      for (const auto& each : *several) all.push_back({std::string(name), string_of(each)});
    else
      all.push_back({std::string(name), string_of(content)});
  }
  return all;
}

sip::NextHop Fields::next_hop(std::string_view key, sip::TlsProfileId profile) const {
  const auto fields = object(key);
  sip::NextHop hop;
  hop.host = fields.text("host");
  hop.port = static_cast<std::uint16_t>(fields.number("port"));
  const auto transport = fields.text("transport", "udp");
  if (transport == "any") {
    hop.any_transport = true;
  } else if (const auto found = sip::find_transport(transport)) {
    hop.transport = *found;
  } else {
    throw std::invalid_argument("no transport: " + transport);
  }
  hop.tls_profile = profile;
  return hop;
}

}  // namespace sidetone::interop
