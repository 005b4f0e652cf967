// RFC 4568 §9 and what its sections say of each field.
#include "sdp/crypto_attribute.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/base64.h"
#include "base/text.h"

namespace sidetone::sdp {
namespace {

// What the SRTP library takes for one stream.
constexpr std::size_t keys_max = 16;
constexpr unsigned mki_length_max = 128;      // RFC 4568 §6.1
constexpr std::uint32_t window_min = 64;      // §6.3.6
constexpr unsigned derivation_rate_max = 24;  // §6.3.1

tl::unexpected<Error> wrong(std::string_view what, Fault fault = Fault::syntax) {
  return fail(Layer::sdp, fault, fmt::format("a=crypto: {}", what));
}

std::string_view take_word(std::string_view& text) {
  text = trim(text);
  const auto end = std::min(text.find_first_of(" \t"), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

// §4.1, §6.1, §6.3: leading zeroes are not allowed in any of its numbers.
template <typename Unsigned>
std::optional<Unsigned> plain_number(std::string_view text) {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return parse_number<Unsigned>(text);
}

// "2^20" or "1048576".
std::optional<std::uint64_t> lifetime(std::string_view text) {
  std::optional<std::uint64_t> packets;
  if (text.starts_with("2^")) {
    const auto power = plain_number<unsigned>(text.substr(2));
    if (power && *power <= 48) packets = std::uint64_t{1} << *power;
  } else {
    packets = plain_number<std::uint64_t>(text);
  }
  if (!packets || *packets == 0 || *packets > SrtpMasterKey::lifetime_max) return std::nullopt;
  return packets;
}

// "1:4": a value, and the number of bytes that it has in each packet.
Expected<void> read_mki(std::string_view text, SrtpMasterKey& key) {
  const auto value_text = take_until(text, ':');
  const auto length = plain_number<unsigned>(text);
  if (!length || *length == 0 || *length > mki_length_max) return wrong("the MKI's length is not 1 to 128");
  const auto value = plain_number<std::uint64_t>(value_text);
  if (!value) {
    const bool number = value_text.find_first_not_of("0123456789") == std::string_view::npos;
    return number && value_text.size() > 19 ? wrong("the MKI has more than 64 bits", Fault::unsupported)
                                            : wrong("the MKI is not a number");
  }
  if (*length < 8 && *value >> (8 * *length) != 0) return wrong("the MKI does not fit its length");
  key.mki = *value;
  key.mki_length = static_cast<std::uint8_t>(*length);
  return {};
}

// "inline:KEY|lifetime|mki:length", the last two optional (§9.2).
Expected<SrtpMasterKey> read_key(std::string_view text, SrtpSuite suite) {
  if (!iequals(take_until(text, ':'), "inline"))
    return wrong("the key method is not 'inline'", Fault::unsupported);
  SrtpKeyBytes bytes(srtp_key_size(suite));
  const auto size = decode_base64(take_until(text, '|'), {bytes.data(), bytes.size()});
  SrtpMasterKey key;
  const bool whole = size == bytes.size();
  key.key = Secret(bytes);
  std::fill_n(bytes.data(), bytes.size(), std::uint8_t{0});
  if (!whole) return wrong("the key does not have the length of its suite");
  bool mki_read = false, lifetime_read = false;
  while (!text.empty()) {
    const auto part = take_until(text, '|');
    if (part.find(':') != std::string_view::npos) {
      if (std::exchange(mki_read, true)) return wrong("a second MKI");
      if (auto ok = read_mki(part, key); !ok) return tl::make_unexpected(std::move(ok.error()));
    } else {
      const auto packets = lifetime(part);
      if (!packets || std::exchange(lifetime_read, true) || mki_read)
        return wrong("the key's lifetime is not 1 to 2^48 packets");
      key.lifetime_packets = *packets;
    }
  }
  return key;
}

Expected<void> read_keys(std::string_view text, CryptoAttribute& crypto) {
  while (!text.empty()) {
    if (crypto.keys.size() == keys_max) return wrong("more than 16 keys", Fault::limit);
    auto key = read_key(take_until(text, ';'), crypto.suite);
    if (!key) return tl::make_unexpected(std::move(key.error()));
    crypto.keys.push_back(std::move(*key));
  }
  if (crypto.keys.empty()) return wrong("there is no key");
  // §6.1: of several keys each has an MKI, and all of the same length.
  for (const auto& key : crypto.keys)
    if (crypto.keys.size() > 1 && (key.mki_length == 0 || key.mki_length != crypto.keys[0].mki_length))
      return wrong("of several keys one has no MKI, or one of another length");
  return {};
}

Expected<void> read_parameter(std::string_view text, CryptoAttribute& crypto) {
  const auto whole = text;
  const auto name = take_until(text, '=');
  if (iequals(whole, "UNENCRYPTED_SRTCP")) {
    crypto.unencrypted_srtcp = true;
  } else if (iequals(whole, "UNENCRYPTED_SRTP")) {
    crypto.unencrypted_srtp = true;
  } else if (iequals(whole, "UNAUTHENTICATED_SRTP")) {
    crypto.unauthenticated_srtp = true;
  } else if (iequals(name, "KDR")) {
    const auto rate = plain_number<unsigned>(text);
    if (!rate || *rate == 0 || *rate > derivation_rate_max) return wrong("KDR is not 1 to 24");
    crypto.key_derivation_rate = static_cast<std::uint8_t>(*rate);
  } else if (iequals(name, "FEC_ORDER")) {
    if (!iequals(text, "FEC_SRTP") && !iequals(text, "SRTP_FEC")) return wrong("FEC_ORDER has no such order");
    crypto.fec_after_srtp = iequals(text, "SRTP_FEC");
  } else if (iequals(name, "FEC_KEY")) {
    // §6.3.5: only for a FEC stream with a port of its own, and we have none.
    return wrong("FEC_KEY without a FEC stream");
  } else if (iequals(name, "WSH")) {
    const auto packets = plain_number<std::uint32_t>(text);
    if (!packets || *packets < window_min) return wrong("WSH is not a number from 64 on");
    crypto.window_hint = *packets;
  } else if (!whole.starts_with('-')) {  // §6.3.7: one with a dash may be ignored
    return wrong("a session parameter that is not known", Fault::unsupported);
  }
  return {};
}

void append_key(std::string& out, const SrtpMasterKey& key) {
  out += "inline:";
  append_base64(out, {key.key.reveal().data(), key.key.reveal().size()});
  if (key.lifetime_packets != SrtpMasterKey::lifetime_max) out += fmt::format("|{}", key.lifetime_packets);
  if (key.mki_length != 0) out += fmt::format("|{}:{}", key.mki, key.mki_length);
}

}  // namespace

Expected<CryptoAttribute> parse_crypto(std::string_view value) {
  CryptoAttribute crypto;
  const auto tag_text = take_word(value);
  const auto tag = plain_number<std::uint32_t>(tag_text);
  if (!tag || tag_text.size() > 9) return wrong("the tag is not a number of at most nine digits");
  crypto.tag = *tag;
  const auto suite = srtp_suite(take_word(value));
  if (!suite) return wrong("a suite that is not known", Fault::unsupported);
  crypto.suite = *suite;
  if (auto ok = read_keys(take_word(value), crypto); !ok) return tl::make_unexpected(std::move(ok.error()));
  for (auto word = take_word(value); !word.empty(); word = take_word(value))
    if (auto ok = read_parameter(word, crypto); !ok) return tl::make_unexpected(std::move(ok.error()));
  return crypto;
}

std::string write_crypto(const CryptoAttribute& crypto) {
  std::string out = fmt::format("{} {} ", crypto.tag, to_string(crypto.suite));
  for (const auto& key : crypto.keys) {
    if (&key != &crypto.keys.front()) out += ';';
    append_key(out, key);
  }
  if (crypto.key_derivation_rate != 0) out += fmt::format(" KDR={}", crypto.key_derivation_rate);
  if (crypto.unencrypted_srtcp) out += " UNENCRYPTED_SRTCP";
  if (crypto.unencrypted_srtp) out += " UNENCRYPTED_SRTP";
  if (crypto.unauthenticated_srtp) out += " UNAUTHENTICATED_SRTP";
  if (crypto.fec_after_srtp) out += " FEC_ORDER=SRTP_FEC";
  if (crypto.window_hint != 0) out += fmt::format(" WSH={}", crypto.window_hint);
  return out;
}

bool is_usable(const CryptoAttribute& crypto) {
  return crypto.key_derivation_rate == 0 && !crypto.unencrypted_srtp && !crypto.unauthenticated_srtp;
}

std::vector<CryptoAttribute> crypto_attributes(const MediaDescription& media) {
  std::vector<CryptoAttribute> found;
  for (const auto& attribute : media.attributes) {
    if (attribute.name != "crypto") continue;
    auto crypto = parse_crypto(attribute.value);
    if (!crypto) continue;
    const auto same_tag = [&](const CryptoAttribute& other) { return other.tag == crypto->tag; };
    if (std::none_of(found.begin(), found.end(), same_tag)) found.push_back(std::move(*crypto));
  }
  return found;
}

}  // namespace sidetone::sdp
