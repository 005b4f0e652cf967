#include "sim/attacker.h"

#include <fmt/format.h>

#include "base/text.h"

namespace sidetone::sim {

namespace {

constexpr std::size_t overheard_max = 8;  // per phone: the newest dialogs are the ones that live
constexpr std::string_view methods[] = {"INVITE", "BYE",     "NOTIFY", "REFER",   "INFO",     "UPDATE",
                                        "CANCEL", "MESSAGE", "PRACK",  "OPTIONS", "SUBSCRIBE"};

std::string_view line_of(std::string_view message, std::string_view name) {
  const auto at = message.find(name);
  if (at == std::string_view::npos) return {};
  return message.substr(at + 2, message.find("\r\n", at + 2) - at - 2);
}

std::string extra_headers(std::string_view method) {
  if (method == "NOTIFY") return "Event: talk\r\nSubscription-State: active\r\n";
  if (method == "REFER") return "Refer-To: <sip:666@10.0.99.9>\r\n";
  if (method == "SUBSCRIBE") return "Event: dialog\r\nExpires: 60\r\n";
  return {};
}

std::string body_of(std::string_view method, IpAddress own) {
  if (method == "INFO") return "Content-Type: application/dtmf-relay\r\n|Signal=5\r\nDuration=100\r\n";
  if (method != "INVITE" && method != "UPDATE") return "|";
  const auto sdp = fmt::format(
      "v=0\r\no=- 666 777 IN IP4 {0}\r\ns=-\r\nc=IN IP4 {0}\r\nt=0 0\r\nm=audio 6666 RTP/AVP 0\r\n",
      own.to_string());
  return "Content-Type: application/sdp\r\n|" + sdp;
}

struct Before {
  Snapshot snapshot;
  sip::Stack::Counters counters;
};

bool same(const Before& a, const Before& b) {
  return a.snapshot == b.snapshot && a.counters.sessions == b.counters.sessions &&
         a.counters.dialogs == b.counters.dialogs && a.counters.clients == b.counters.clients &&
         a.counters.requests == b.counters.requests && a.counters.subscriptions == b.counters.subscriptions &&
         a.counters.publications == b.counters.publications;
}

}  // namespace

void Attacker::overhear(IpAddress from, IpAddress to, const sip::Bytes& bytes, Time now) {
  const std::string_view text = *bytes;
  if (to == ip_ && text.substr(0, 8) == "SIP/2.0 ") {
    const auto status = text.substr(8, 3);
    ++counters_[fmt::format("answered {}", status)];
    if (status.front() == '2' || (status.front() == '1' && status != "100"))
      verdict_.broken(now, "stranger_served", fmt::format("{}: {}", from.to_string(), text.substr(0, 60)));
    return;
  }
  if (line_of(text, "\r\nTo:").find(";tag=") == std::string_view::npos || text.substr(0, 4) == "SIP/") return;
  auto& kept = overheard_[to];
  if (kept.size() >= overheard_max) kept.erase(kept.begin());
  kept.push_back(bytes);
}

void Attacker::attack(Phone& phone, Time now) {
  const auto method = methods[random_.below(std::size(methods))];
  const auto& known = overheard_[phone.ip()];
  const auto die = random_.below(10);
  if (die < 2) {
    strike(phone, "garbage", garbage(), now);
  } else if (die < 4 || known.empty()) {
    strike(phone, fmt::format("stray {}", method), stray_request(phone, method), now);
  } else {
    const auto& model = known[random_.below(known.size())];
    strike(phone, fmt::format("forged {}", method), forged_request(model, method), now);
  }
}

void Attacker::strike(Phone& phone, std::string_view kind, std::string bytes, Time now) {
  const auto look = [&] { return Before{phone.snapshot(), phone.stack().counters()}; };
  const auto before = look();
  const auto port = static_cast<std::uint16_t>(5060 + 2 * random_.below(2));
  if (!network_.inject({ip_, 5060}, {phone.ip(), port}, std::move(bytes), now)) return;
  ++counters_[std::string(kind)];
  if (!same(before, look()))
    verdict_.broken(now, "stranger_obeyed", fmt::format("{}: {} changed something", phone.name(), kind));
}

std::string Attacker::stray_request(const Phone& phone, std::string_view method) {
  const bool tagged = method != "INVITE" && random_.chance(0.7);
  const auto body = body_of(method, ip_);
  const auto bar = body.find('|');
  return fmt::format(
      "{0} sip:{1}@{2} SIP/2.0\r\nVia: SIP/2.0/UDP {3}:5060;branch=z9hG4bK{4};rport\r\nMax-Forwards: 70\r\n"
      "From: <sip:7001@{3}>;tag=evil\r\nTo: <sip:{1}@{2}>{5}\r\nCall-ID: {4}\r\nCSeq: 7 {0}\r\n"
      "Contact: <sip:x@{3}>\r\n{6}{7}Content-Length: {8}\r\n\r\n{9}",
      method, phone.settings().dn, phone.ip().to_string(), ip_.to_string(), random_.token(16),
      tagged ? ";tag=" + random_.token(8) : "", extra_headers(method), body.substr(0, bar),
      body.size() - bar - 1, body.substr(bar + 1));
}

// The ids of a true request of the dialog, the branch of it for CANCEL, and a CSeq that is next or far ahead.
std::string Attacker::forged_request(const sip::Bytes& model, std::string_view method) {
  const std::string_view text = *model;
  const auto uri_at = text.find(' ') + 1;
  const auto uri = text.substr(uri_at, text.find(' ', uri_at) - uri_at);
  const auto cseq = line_of(text, "\r\nCSeq:");
  const auto number = parse_number<std::uint32_t>(cseq.substr(6, cseq.find(' ', 6) - 6)).value_or(1);
  const auto via = method == "CANCEL" ? std::string(line_of(text, "\r\nVia:"))
                                      : fmt::format("Via: SIP/2.0/UDP {}:5060;branch=z9hG4bK{};rport",
                                                    ip_.to_string(), random_.token(16));
  const auto ahead = method == "CANCEL" ? 0U : 1U + static_cast<std::uint32_t>(random_.below(100));
  const auto body = body_of(method, ip_);
  const auto bar = body.find('|');
  return fmt::format(
      "{0} {1} SIP/2.0\r\n{2}\r\nMax-Forwards: 70\r\n{3}\r\n{4}\r\n{5}\r\nCSeq: {6} {0}\r\n"
      "Contact: <sip:x@{7}>\r\n{8}{9}Content-Length: {10}\r\n\r\n{11}",
      method, uri, via, line_of(text, "\r\nFrom:"), line_of(text, "\r\nTo:"), line_of(text, "\r\nCall-ID:"),
      number + ahead, ip_.to_string(), extra_headers(method), body.substr(0, bar), body.size() - bar - 1,
      body.substr(bar + 1));
}

std::string Attacker::garbage() {
  switch (random_.below(5)) {
    case 0: return "\r\n\r\n";
    case 1:
      return std::string("\x80\x00\x12\x34\x00\x00\x00\xa0\xde\xad\xbe\xef", 12) + std::string(160, '\xff');
    case 2: return "INVITE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP";
    case 3:
      return "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.1.1:5060;branch=z9hG4bKguessed\r\nCSeq: 1 "
             "INVITE\r\n\r\n";
    default: {
      std::string bytes(1 + random_.below(400), '\0');
      for (auto& byte : bytes) byte = static_cast<char>(random_.below(256));
      return bytes;
    }
  }
}

}  // namespace sidetone::sim
