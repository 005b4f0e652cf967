#include "base/ip_network.h"

#include <fmt/format.h>

#include "base/text.h"

namespace sidetone {
namespace {

unsigned bits_of(const IpAddress& ip) { return ip.is_v4() ? 32 : 128; }

tl::unexpected<Error> no_network(std::string_view text) {
  return fail(Layer::config, Fault::syntax, fmt::format("'{}' is not a network", text),
              "write an address, or an address and a prefix such as 10.1.0.0/16");
}

}  // namespace

bool IpNetwork::contains(const IpAddress& address) const {
  if (address.family != ip.family) return false;
  const unsigned whole = prefix_bits / 8;
  for (unsigned i = 0; i < whole; ++i)
    if (address.bytes[i] != ip.bytes[i]) return false;
  const unsigned rest = prefix_bits % 8;
  return rest == 0 || ((address.bytes[whole] ^ ip.bytes[whole]) >> (8 - rest)) == 0;
}

std::string IpNetwork::to_string() const { return fmt::format("{}/{}", ip.to_string(), prefix_bits); }

Expected<IpNetwork> IpNetwork::parse(std::string_view text) {
  text = trim(text);
  const auto slash = text.find('/');
  const auto ip = IpAddress::parse(text.substr(0, slash));
  if (!ip) return no_network(text);
  IpNetwork network{*ip, bits_of(*ip)};
  if (slash == std::string_view::npos) return network;
  const auto bits = parse_number<unsigned>(text.substr(slash + 1));
  if (!bits || *bits > bits_of(*ip)) return no_network(text);
  network.prefix_bits = *bits;
  for (unsigned bit = *bits; bit < bits_of(*ip); ++bit)
    network.ip.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
  return network;
}

}  // namespace sidetone
