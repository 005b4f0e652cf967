#include "foreign_sip.h"

#include <fmt/format.h>

#include <iterator>

namespace sidetone::flood {

const std::string& SipMaker::make(std::uint64_t number, const Address& from) {
  std::string& out = places_[number % places_.size()];
  out.clear();
  constexpr ForeignSip all[] = {ForeignSip::invites, ForeignSip::in_dialog, ForeignSip::responses,
                                ForeignSip::junk};
  switch (kind_ == ForeignSip::mixed ? all[number % std::size(all)] : kind_) {
    case ForeignSip::in_dialog: in_dialog(out, number, from); break;
    case ForeignSip::responses: response(out, number, from); break;
    case ForeignSip::junk: junk(out, number); break;
    default: invite(out, from);
  }
  return out;
}

std::string SipMaker::head(std::string_view method, const Address& from, std::string_view to_tag) {
  return fmt::format(
      "{0} sip:{1}@{2} SIP/2.0\r\nVia: SIP/2.0/UDP {3};branch=z9hG4bK{4};rport\r\nMax-Forwards: 70\r\n"
      "From: <sip:{5}@{3}>;tag={6}\r\nTo: <sip:{1}@{2}>{7}\r\nCall-ID: {8}\r\nCSeq: 1 {0}\r\n"
      "Contact: <sip:{5}@{3}>\r\n",
      method, user_, phone_.to_string(), from.to_string(), random_.token(16), random_.token(6),
      random_.token(10), to_tag.empty() ? "" : fmt::format(";tag={}", to_tag), random_.token(24));
}

void SipMaker::invite(std::string& out, const Address& from) {
  static constexpr std::string_view description =
      "v=0\r\no=- 1 1 IN IP4 127.66.0.1\r\ns=-\r\nc=IN IP4 127.66.0.1\r\nt=0 0\r\n"
      "m=audio 9002 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";
  out = head("INVITE", from, {});
  fmt::format_to(std::back_inserter(out), "Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{}",
                 description.size(), description);
}

void SipMaker::in_dialog(std::string& out, std::uint64_t number, const Address& from) {
  static constexpr struct {
    std::string_view method, headers;
  } requests[] = {
      {"BYE", ""},
      {"NOTIFY", "Event: talk\r\nSubscription-State: active\r\n"},
      {"INVITE", ""},
      {"REFER", "Refer-To: <sip:attacker@127.66.0.1>\r\n"},
  };
  const auto& request = requests[number / 4 % std::size(requests)];
  out = head(request.method, from, random_.token(12));
  fmt::format_to(std::back_inserter(out), "{}Content-Length: 0\r\n\r\n", request.headers);
}

void SipMaker::response(std::string& out, std::uint64_t number, const Address& from) {
  static constexpr std::string_view methods[] = {"INVITE", "REGISTER", "BYE"};
  const auto method = methods[number / 4 % std::size(methods)];
  out = fmt::format(
      "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP {0};branch=z9hG4bK{1};rport\r\nFrom: <sip:{2}@{0}>;tag={3}\r\n"
      "To: <sip:{2}@{4}>;tag={5}\r\nCall-ID: {6}\r\nCSeq: 1 {7}\r\nContact: <sip:{2}@{4}>\r\n"
      "Content-Length: 0\r\n\r\n",
      phone_.to_string(), random_.token(16), user_, random_.token(12), from.to_string(), random_.token(12),
      random_.token(24), method);
}

void SipMaker::junk(std::string& out, std::uint64_t number) {
  // What is refused at the first look, late in a header, and by its length.
  static constexpr std::string_view beginnings[] = {"SIP/2.0 ", "SIP/2.0 200 OK\r\nVia: ", "INVITE ", ""};
  out = beginnings[number / 4 % std::size(beginnings)];
  const auto size = 20 + random_.below(1200);
  while (out.size() < size) out += static_cast<char>(random_.below(256));
}

}  // namespace sidetone::flood
