#include "sip/location/dns_message.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace sidetone::sip {
namespace {

constexpr std::size_t header_bytes = 12;
constexpr std::size_t name_bytes_max = 253;  // RFC 1035 §2.3.4: 255 on the wire with the length bytes
// Bound: 20 targets are used; more records than this come only from those who mean harm.
constexpr std::size_t records_max = 200;
constexpr std::uint16_t class_in = 1;

// The bytes of an answer and a place in them. What reads past the end reads nothing and spoils the rest.
class Reader {
 public:
  explicit Reader(std::string_view bytes, std::size_t at = 0) : bytes_(bytes), at_(at) {}

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] std::size_t at() const { return at_; }
  void go_to(std::size_t at) { at_ = at; }
  std::uint8_t u8() { return take(1) ? byte(at_ - 1) : std::uint8_t{0}; }
  std::uint16_t u16() {
    return take(2) ? static_cast<std::uint16_t>(byte(at_ - 2) << 8 | byte(at_ - 1)) : std::uint16_t{0};
  }
  std::uint32_t u32() {
    const std::uint32_t high = u16();
    return high << 16 | u16();
  }
  std::string_view bytes(std::size_t count) {
    return take(count) ? bytes_.substr(at_ - count, count) : std::string_view{};
  }
  std::string text() { return std::string(bytes(u8())); }  // <character-string>
  // A name; nothing for one that no host can have, while reading goes on behind it.
  std::optional<std::string> name();

 private:
  bool take(std::size_t count) {
    good_ = good_ && at_ <= bytes_.size() && count <= bytes_.size() - at_;
    if (good_) at_ += count;
    return good_;
  }
  [[nodiscard]] std::uint8_t byte(std::size_t at) const { return static_cast<std::uint8_t>(bytes_[at]); }

  std::string_view bytes_;
  std::size_t at_;
  bool good_ = true;
};

bool is_label_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

std::optional<std::string> Reader::name() {
  std::string name;
  bool is_host = true;
  std::optional<std::size_t> behind;  // the first pointer
  // Each pointer must lead to before the one that was followed last (RFC 1035 §4.1.4 "a prior occurrence"),
  // so no chain of them can turn in a circle.
  std::size_t limit = at_;
  for (auto length = u8(); length != 0; length = u8()) {
    if (length >= 0xC0) {
      const std::size_t to = static_cast<std::size_t>(length & 0x3F) << 8 | u8();
      good_ = good_ && to < limit;
      if (!good_) return {};
      if (!behind) behind = at_;
      at_ = limit = to;
      continue;
    }
    const auto label = bytes(length);
    good_ = good_ && length <= 63;  // RFC 6891 §5: the other label types are history
    good_ = good_ && name.size() + label.size() + (name.empty() ? 0 : 1) <= name_bytes_max;
    if (!good_) return {};
    if (!name.empty()) name += '.';
    for (const char c : label) {
      name += ascii_lower(c);
      is_host = is_host && is_label_char(ascii_lower(c));
    }
  }
  if (behind) at_ = *behind;
  return good_ && is_host ? std::optional(std::move(name)) : std::nullopt;
}

std::optional<IpAddress> address(Reader& in, IpAddress::Family family, std::size_t length) {
  IpAddress ip;
  ip.family = family;
  const std::size_t wanted = family == IpAddress::Family::v4 ? 4 : 16;
  const auto bytes = in.bytes(length);
  if (bytes.size() != wanted) return {};
  std::copy(bytes.begin(), bytes.end(), ip.bytes.begin());
  return ip;
}

// The data of a record, or nothing for a type that is not asked for and for what cannot be right.
std::optional<decltype(DnsRecord::data)> data_of(Reader in, std::uint16_t type, std::size_t length) {
  const std::size_t end = in.at() + length;
  const auto whole = [&] { return in.good() && in.at() == end; };
  switch (static_cast<DnsType>(type)) {
    case DnsType::a:
      if (const auto ip = address(in, IpAddress::Family::v4, length)) return *ip;
      return {};
    case DnsType::aaaa:
      if (const auto ip = address(in, IpAddress::Family::v6, length)) return *ip;
      return {};
    case DnsType::cname: {
      auto target = in.name();
      if (!whole() || !target || target->empty()) return {};
      return CnameData{std::move(*target)};
    }
    case DnsType::srv: {
      SrvData srv{in.u16(), in.u16(), in.u16(), {}};
      auto target = in.name();
      if (!whole() || !target) return {};
      srv.target = std::move(*target);
      return srv;
    }
    case DnsType::naptr: {
      NaptrData naptr{in.u16(), in.u16(), in.text(), in.text(), in.text(), {}};
      auto replacement = in.name();
      if (!whole() || !replacement) return {};
      naptr.replacement = std::move(*replacement);
      return naptr;
    }
    default: return {};
  }
}

// RFC 2308 §5: the smaller of the SOA's own TTL and its MINIMUM field.
std::optional<std::chrono::seconds> negative_ttl(Reader in, std::uint32_t ttl) {
  (void)in.name();
  (void)in.name();
  for (int i = 0; i < 4; ++i) (void)in.u32();
  const auto minimum = in.u32();
  if (!in.good()) return {};
  return std::chrono::seconds(std::min(ttl, minimum));
}

std::string_view rcode_name(int rcode) {
  constexpr std::string_view names[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
  return rcode < 6 ? names[rcode] : "an error";
}

DnsAnswer failed(std::string text) { return {DnsAnswer::Outcome::failed, std::move(text), {}, {}, {}}; }

}  // namespace

std::string_view to_string(DnsType type) {
  switch (type) {
    case DnsType::a: return "A";
    case DnsType::cname: return "CNAME";
    case DnsType::soa: return "SOA";
    case DnsType::aaaa: return "AAAA";
    case DnsType::srv: return "SRV";
    case DnsType::naptr: return "NAPTR";
  }
  return "?";
}

DnsAnswer read_dns_answer(std::string_view bytes, std::string_view asked) {
  Reader in(bytes);
  (void)in.u16();
  const auto flags = in.u16();
  const std::size_t questions = in.u16(), answers = in.u16(), authorities = in.u16(), additional = in.u16();
  if (bytes.size() < header_bytes || (flags & 0x8000) == 0 || questions != 1)
    return failed("the answer is no DNS response to one question");
  const int rcode = flags & 0x0F;
  if (rcode != 0 && rcode != 3) return failed(fmt::format("the server said {}", rcode_name(rcode)));
  DnsAnswer answer;
  if (rcode == 3) answer.outcome = DnsAnswer::Outcome::no_name;
  const auto question = in.name();
  (void)in.u32();
  if (!in.good() || !question) return failed("the answer's question cannot be read");

  const std::size_t total = answers + authorities + additional;
  for (std::size_t i = 0; i < total && i < records_max; ++i) {
    auto owner = in.name();
    const auto type = in.u16(), record_class = in.u16();
    const auto ttl = in.u32();
    const std::size_t length = in.u16(), start = in.at();
    (void)in.bytes(length);
    if (!in.good()) {
      // Cut off in the middle: what came before is whole. But nothing at all is no answer.
      if (answer.answers.empty() && answers > 0) return failed("the answer is cut off");
      break;
    }
    if (!owner || record_class != class_in) continue;
    const bool is_authority = i >= answers && i < answers + authorities;
    if (is_authority) {
      if (static_cast<DnsType>(type) == DnsType::soa)
        answer.negative_ttl = negative_ttl(Reader(bytes, start), ttl);
      continue;
    }
    auto data = data_of(Reader(bytes, start), type, length);
    if (!data) continue;
    if (*owner == *question) owner = std::string(asked);
    // RFC 2181 §8: a TTL with the highest bit set counts as zero.
    const std::chrono::seconds lasts((ttl & 0x80000000U) != 0 ? 0 : ttl);
    (i < answers ? answer.answers : answer.additional)
        .push_back({std::move(*owner), lasts, std::move(*data)});
  }
  return answer;
}

bool is_dns_name(std::string_view name) {
  if (name.empty() || name.size() > name_bytes_max) return false;
  while (!name.empty()) {
    const bool more = name.find('.') != std::string_view::npos;
    const auto label = take_until(name, '.');
    if (label.empty() || label.size() > 63 || (more && name.empty())) return false;
    if (!std::all_of(label.begin(), label.end(), [](char c) { return is_label_char(ascii_lower(c)); }))
      return false;
  }
  return true;
}

}  // namespace sidetone::sip
