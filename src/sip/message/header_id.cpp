#include "sip/message/header_id.h"

#include <array>

#include "base/scan.h"
#include "base/text.h"

namespace sidetone::sip {
namespace {

constexpr auto count = static_cast<std::size_t>(HeaderId::count_);

constexpr std::array<std::string_view, count> names = {
    "",
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Alert-Info",
    "Allow",
    "Allow-Events",
    "Also",
    "Authentication-Info",
    "Authorization",
    "Call-ID",
    "Call-Info",
    "Contact",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Type",
    "CSeq",
    "Date",
    "Diversion",
    "Error-Info",
    "Event",
    "Expires",
    "Flow-Timer",
    "From",
    "Geolocation",
    "History-Info",
    "Identity",
    "In-Reply-To",
    "Info-Package",
    "Join",
    "Max-Breadth",
    "Max-Forwards",
    "MIME-Version",
    "Min-Expires",
    "Min-SE",
    "Organization",
    "P-Asserted-Identity",
    "P-Called-Party-ID",
    "P-Preferred-Identity",
    "Path",
    "Priority",
    "Privacy",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Require",
    "RAck",
    "Reason",
    "Record-Route",
    "Recv-Info",
    "Refer-Sub",
    "Refer-To",
    "Referred-By",
    "Remote-Party-ID",
    "Replaces",
    "Reply-To",
    "Require",
    "Resource-Priority",
    "Retry-After",
    "Route",
    "RSeq",
    "Server",
    "Service-Route",
    "Session-Expires",
    "SIP-ETag",
    "SIP-If-Match",
    "Subject",
    "Subscription-State",
    "Supported",
    "Target-Dialog",
    "Timestamp",
    "To",
    "Unsupported",
    "User-Agent",
    "User-to-User",
    "Via",
    "Warning",
    "WWW-Authenticate",
    "X-Genesys-CallUUID",
};

// The factors were searched for once so that no two of our names meet; the assertion below keeps it true.
constexpr std::uint8_t hash(std::string_view name) {
  const auto lower = [](char c) { return static_cast<unsigned>(static_cast<unsigned char>(c) | 0x20U); };
  const std::size_t size = name.size();
  return static_cast<std::uint8_t>(size * 28 + lower(name[0]) * 42 + lower(name[size / 2]) * 37 +
                                   lower(name[size - 1]) * 27);
}

constexpr std::array<HeaderId, 256> make_slots() {
  std::array<HeaderId, 256> slots{};
  for (std::size_t i = 1; i < count; ++i) slots[hash(names[i])] = static_cast<HeaderId>(i);
  return slots;
}
constexpr auto slots = make_slots();

constexpr bool hash_is_perfect() {
  for (std::size_t i = 1; i < count; ++i)
    if (slots[hash(names[i])] != static_cast<HeaderId>(i)) return false;
  return true;
}
static_assert(hash_is_perfect(), "two header names share a slot: search new factors");

// The names in lower case, padded to what scan::equals_lower() reads.
constexpr std::size_t padded_size = 32;
using Padded = std::array<char, padded_size>;
constexpr std::array<Padded, count> make_lower_names() {
  std::array<Padded, count> lower{};
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t c = 0; c < names[i].size(); ++c) lower[i][c] = ascii_lower(names[i][c]);
  return lower;
}
constexpr auto lower_names = make_lower_names();

// RFC 3261 §7.3.3 and the IANA registry of compact forms, as far as we know the header.
constexpr HeaderId compact(char letter) {
  switch (ascii_lower(letter)) {
    case 'b': return HeaderId::referred_by;
    case 'c': return HeaderId::content_type;
    case 'e': return HeaderId::content_encoding;
    case 'f': return HeaderId::from;
    case 'i': return HeaderId::call_id;
    case 'k': return HeaderId::supported;
    case 'l': return HeaderId::content_length;
    case 'm': return HeaderId::contact;
    case 'o': return HeaderId::event;
    case 'r': return HeaderId::refer_to;
    case 's': return HeaderId::subject;
    case 't': return HeaderId::to;
    case 'u': return HeaderId::allow_events;
    case 'v': return HeaderId::via;
    case 'x': return HeaderId::session_expires;
    case 'y': return HeaderId::identity;
    default: return HeaderId::other;
  }
}

// A comma in these parts two values (RFC 3261 §7.3.1 and the RFC of each header).
constexpr auto lists = [] {
  std::array<bool, count> set{};
  for (const HeaderId id : {HeaderId::accept,
                            HeaderId::accept_encoding,
                            HeaderId::accept_language,
                            HeaderId::alert_info,
                            HeaderId::allow,
                            HeaderId::allow_events,
                            HeaderId::also,
                            HeaderId::call_info,
                            HeaderId::contact,
                            HeaderId::content_encoding,
                            HeaderId::content_language,
                            HeaderId::diversion,
                            HeaderId::error_info,
                            HeaderId::geolocation,
                            HeaderId::history_info,
                            HeaderId::in_reply_to,
                            HeaderId::p_asserted_identity,
                            HeaderId::p_preferred_identity,
                            HeaderId::path,
                            HeaderId::proxy_require,
                            HeaderId::reason,
                            HeaderId::record_route,
                            HeaderId::recv_info,
                            HeaderId::remote_party_id,
                            HeaderId::require,
                            HeaderId::resource_priority,
                            HeaderId::route,
                            HeaderId::service_route,
                            HeaderId::supported,
                            HeaderId::unsupported,
                            HeaderId::user_to_user,
                            HeaderId::via,
                            HeaderId::warning})
    set[static_cast<std::size_t>(id)] = true;
  return set;
}();

constexpr std::array<std::string_view, 15> methods = {"",        "INVITE",    "ACK",    "BYE",     "CANCEL",
                                                      "OPTIONS", "REGISTER",  "PRACK",  "UPDATE",  "INFO",
                                                      "REFER",   "SUBSCRIBE", "NOTIFY", "PUBLISH", "MESSAGE"};

}  // namespace

std::string_view canonical_name(HeaderId id) { return names[static_cast<std::size_t>(id)]; }

HeaderId find_header(std::string_view name) {
  if (name.empty()) return HeaderId::other;
  if (name.size() == 1) return compact(name[0]);
  const HeaderId id = slots[hash(name)];
  return iequals(name, names[static_cast<std::size_t>(id)]) ? id : HeaderId::other;
}

HeaderId find_header_in_block(std::string_view name) {
  if (name.size() <= 1) return find_header(name);
  const HeaderId id = slots[hash(name)];
  const auto index = static_cast<std::size_t>(id);
  if (names[index].size() != name.size()) return HeaderId::other;
  return scan::equals_lower(name.data(), lower_names[index].data(), name.size()) ? id : HeaderId::other;
}

bool is_list_header(HeaderId id) { return lists[static_cast<std::size_t>(id)]; }

std::string_view to_string(Method method) { return methods[static_cast<std::size_t>(method)]; }

Method find_method(std::string_view name) {
  for (std::size_t i = 1; i < methods.size(); ++i)
    if (methods[i] == name) return static_cast<Method>(i);
  return Method::other;
}

}  // namespace sidetone::sip
