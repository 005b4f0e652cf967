#include "net/public_address.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace sidetone::net {
namespace {

using Family = IpAddress::Family;
using Versions = std::vector<Family>;

std::string_view to_string(Family family) { return family == Family::v4 ? "IPv4" : "IPv6"; }

std::string join(const std::vector<std::string>& parts) {
  return parts.empty() ? "none" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string adapter_names(const NetworkFacts& facts) {
  std::vector<std::string> names;
  for (const auto& one : facts.interfaces) names.push_back(one.name);
  return join(names);
}

std::string address_list(const NetworkFacts& facts) {
  std::vector<std::string> texts;
  for (const auto& ip : facts.addresses()) texts.push_back(ip.to_string());
  return join(texts);
}

// One that a peer beyond the link could send to. Link-local ones only serve who names their adapter.
bool is_valid(const IpAddress& ip) {
  const bool multicast = ip.is_v4() ? (ip.bytes[0] & 0xf0) == 0xe0 : ip.bytes[0] == 0xff;
  return !ip.is_unspecified() && !multicast && !ip.is_link_local();
}

std::optional<IpAddress> first_address(const Interface& one, const Versions& versions, bool link_local) {
  for (const auto family : versions)
    for (const auto& ip : one.addresses)
      if (ip.family == family && (link_local ? ip.is_link_local() : is_valid(ip))) return ip;
  return std::nullopt;
}

tl::unexpected<Error> refuse(std::string_view option, Fault fault, std::string why, std::string remedy) {
  return fail(Layer::net, fault, fmt::format("public_address '{}': {}", option, why), std::move(remedy));
}

// The first valid address of the first active adapter that has a default gateway; where none has one (an
// isolated network, a test) of the first active one, loopback last.
Expected<IpAddress> automatic(std::string_view option, const Versions& versions, const NetworkFacts& facts) {
  for (const int round : {0, 1, 2})
    for (const auto& one : facts.interfaces) {
      const bool fits = round == 0 ? one.has_default_gateway : one.loopback == (round == 2);
      if (!one.up || !fits) continue;
      if (const auto ip = first_address(one, versions, false)) return *ip;
    }
  std::vector<std::string> wanted;
  for (const auto family : versions) wanted.emplace_back(to_string(family));
  return refuse(option, Fault::not_found,
                fmt::format("no active adapter has an address of {}; addresses: {}",
                            fmt::join(wanted, " or "), address_list(facts)),
                "connect the network, or choose another ip_versions");
}

const Interface* find_adapter(std::string_view name, const NetworkFacts& facts) {
  const auto& all = facts.interfaces;
  const auto exact = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
  if (exact != all.end()) return &*exact;
  const auto part = std::find_if(all.begin(), all.end(), [&](const auto& one) {
    return std::search(one.name.begin(), one.name.end(), name.begin(), name.end(),
                       [](char a, char b) { return ascii_lower(a) == ascii_lower(b); }) != one.name.end();
  });
  return part == all.end() ? nullptr : &*part;
}

Expected<IpAddress> of_adapter(std::string_view option, std::string_view name, const Versions& versions,
                               const NetworkFacts& facts) {
  const Interface* found = name.empty() ? nullptr : find_adapter(name, facts);
  if (found == nullptr)
    return refuse(option, Fault::not_found,
                  fmt::format("no adapter is called '{}'; adapters: {}", name, adapter_names(facts)),
                  "write $ and an adapter's name or a part of it");
  if (!found->up)
    return refuse(option, Fault::state, fmt::format("adapter {} is down", found->name), "bring it up");
  for (const bool link_local : {false, true})
    if (const auto ip = first_address(*found, versions, link_local)) return *ip;
  return refuse(option, Fault::not_found,
                fmt::format("adapter {} has no address of the IP versions in ip_versions", found->name),
                "give it an address, or choose another ip_versions");
}

struct Network {
  IpAddress ip;
  unsigned bits = 0;
  [[nodiscard]] bool contains(const IpAddress& other) const {
    if (other.family != ip.family) return false;
    for (unsigned bit = 0; bit < bits; ++bit) {
      const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
      if (((ip.bytes[bit / 8] ^ other.bytes[bit / 8]) & mask) != 0) return false;
    }
    return true;
  }
};

// RFC 4632 §3.1: address and prefix length; bits beyond the prefix do not count.
std::optional<Network> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto ip = IpAddress::parse(text.substr(0, slash));
  const auto bits = parse_number<unsigned>(text.substr(slash + 1));
  if (!ip || !bits || *bits > (ip->is_v4() ? 32U : 128U)) return std::nullopt;
  return Network{*ip, *bits};
}

Expected<IpAddress> in_network(std::string_view option, std::string_view cidr, const Versions& versions,
                               const NetworkFacts& facts) {
  const auto network = parse_network(cidr);
  if (!network)
    return refuse(option, Fault::syntax, fmt::format("'{}' is not a network", cidr),
                  "write it as in $net:192.0.2.0/24");
  if (std::find(versions.begin(), versions.end(), network->ip.family) == versions.end())
    return refuse(
        option, Fault::range,
        fmt::format("the network is {}, which ip_versions rules out", to_string(network->ip.family)),
        "let the two options agree");
  for (const auto& ip : facts.addresses())
    if (network->contains(ip)) return ip;
  return refuse(option, Fault::not_found,
                fmt::format("no address of this machine is in {}; addresses: {}", cidr, address_list(facts)),
                "choose a network that it is in");
}

// RFC 1123 §2.1; underscores are common and harmless.
bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253 || text.front() == '.' || text.front() == '-') return false;
  // A last label of digits alone is a mistyped address, "300.1.1.1".
  const auto last = text.substr(text.rfind('.') + 1);
  if (last.find_first_not_of("0123456789") == std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

Expected<PublicAddress> explicit_ip(std::string_view option, IpAddress ip, const NetworkFacts& facts) {
  if (ip.is_unspecified())
    return refuse(option, Fault::range, "is no address that a peer could send to",
                  "leave the option empty; sip_port_binding=0 listens on all interfaces");
  if (!facts.has(ip))
    return refuse(option, Fault::not_found,
                  fmt::format("is not an address of this machine; addresses: {}", address_list(facts)),
                  "choose one of them");
  for (const auto& own : facts.addresses())
    if (own.same_host(ip)) ip = own;  // with its zone
  return PublicAddress{ip, {}, false};
}

Expected<PublicAddress> automatic_with_name(std::string_view option, const Versions& versions,
                                            const NetworkFacts& facts, std::string name) {
  auto ip = automatic(option, versions, facts);
  if (!ip) return tl::make_unexpected(std::move(ip.error()));
  return PublicAddress{*ip, std::move(name), true, versions.size() > 1};
}

Expected<PublicAddress> fixed(Expected<IpAddress> ip) {
  if (!ip) return tl::make_unexpected(std::move(ip.error()));
  return PublicAddress{*ip, {}, false};
}

}  // namespace

bool needs_fqdn(std::string_view option) { return iequals(trim(option), "$fqdn"); }

Expected<PublicAddress> choose_public_address(std::string_view option, Versions versions,
                                              const NetworkFacts& facts) {
  option = trim(option);
  if (versions.empty()) versions = {Family::v4, Family::v6};
  if (option.empty() || iequals(option, "$auto") || iequals(option, "$host"))
    return automatic_with_name(option, versions, facts, {});
  if (iequals(option, "$ipv4")) return automatic_with_name(option, {Family::v4}, facts, {});
  if (iequals(option, "$ipv6")) return automatic_with_name(option, {Family::v6}, facts, {});
  if (iequals(option, "$fqdn")) {
    if (facts.fqdn.empty())
      return refuse(option, Fault::not_found,
                    fmt::format("the resolver knows no full name of host '{}'", facts.host_name),
                    "enter its name with the domain in DNS or /etc/hosts, or write the name itself");
    return automatic_with_name(option, versions, facts, facts.fqdn);
  }
  if (option.size() >= 5 && iequals(option.substr(0, 5), "$net:"))
    return fixed(in_network(option, option.substr(5), versions, facts));
  if (option.front() == '$') return fixed(of_adapter(option, option.substr(1), versions, facts));
  if (const auto ip = IpAddress::parse(option)) return explicit_ip(option, *ip, facts);
  if (!is_host_name(option))
    return refuse(option, Fault::syntax, "is neither an address nor a host name",
                  "write an IP address, a host name, or one of the forms that begin with $");
  return automatic_with_name(option, versions, facts, std::string(option));
}

}  // namespace sidetone::net
