// A script drives a whole Stack: a phone with one registered line (or a server), its user, and a peer who
// calls, answers, re-offers, cancels, refers and lies within a few dialogs. In the end the user hangs up
// everything, time runs out, and nothing may be left: no session, dialog, transaction or timer; each session
// that was announced has ended exactly once, and said nothing afterwards.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/log.h"
#include "script.h"
#include "sip/message/headers.h"
#include "sip/message/parser.h"
#include "sip/stack.h"

namespace {

using namespace sidetone;
using namespace sidetone::sip;
using std::chrono::milliseconds;

constexpr std::size_t steps_max = 120;
constexpr std::string_view sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
constexpr std::string_view in_dialog[] = {"BYE",   "INVITE", "UPDATE",  "PRACK",     "INFO",   "NOTIFY",
                                          "REFER", "ACK",    "OPTIONS", "SUBSCRIBE", "CANCEL", "MESSAGE"};
constexpr std::string_view extras[] = {
    "",
    "Supported: 100rel, timer, replaces\r\n",
    "Require: 100rel\r\nSupported: 100rel\r\n",
    "Session-Expires: 90;refresher=uas\r\nSupported: timer\r\nMin-SE: 90\r\n",
    "Session-Expires: 1800;refresher=uac\r\nRequire: timer\r\n",
    "RSeq: 1\r\nRequire: 100rel\r\n",
    "RSeq: 2\r\nRequire: 100rel\r\n",
    "Event: talk\r\nSubscription-State: active\r\n",
    "Event: refer\r\nSubscription-State: terminated;reason=noresource\r\n",
    "Event: message-summary\r\nSubscription-State: active;expires=60\r\nExpires: 60\r\n",
    "Refer-To: <sip:carol@example.com?Replaces=c1%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n",
    "Refer-To: <sip:carol@example.com>\r\nRefer-Sub: false\r\n",
    "Expires: 0\r\nEvent: dialog\r\n",
    "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n",
    "Record-Route: <sip:198.51.100.9;lr>\r\n",
    "Retry-After: 1\r\nMin-Expires: 3600\r\nMin-SE: 1200\r\n",
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256\r\n",
    "Proxy-Authenticate: Digest realm=\"r\", nonce=\"m\"\r\n",
    "SIP-ETag: e1\r\nExpires: 600\r\n",
};

class Desk {
 public:
  Desk(fuzz::Script& script, StackSettings settings)
      : script_(script), stack_(std::move(settings), random_, log_) {
    udp_ = stack_.transport().add_udp_socket(*Address::parse("192.0.2.1:5060", 0));
    stack_.transport().add_listener(Transport::tcp, *Address::parse("192.0.2.1:5060", 0));
    Account account;
    account.uri = "sip:alice@example.com";
    account.server = NextHop{};
    account.server->host = "198.51.100.7";
    account.server->port = 5070;
    account.register_expires = std::chrono::seconds(600);
    account.register_retry = std::chrono::seconds(30);
    account.credentials = {"alice", Secret<std::string>("open-sesame"), {}};
    account_ = stack_.add_account(std::move(account), now_);
    drain();
  }

  void step() {
    switch (script_.below(12)) {
      case 0: return peer_invites();
      case 1:
      case 2:
      case 3: return peer_answers();
      case 4:
      case 5: return peer_asks_in_dialog();
      case 6: return peer_repeats();
      case 7: return peer_lies();
      case 8:
      case 9: return user_acts();
      case 10: return user_calls();
      default: return pass(milliseconds(std::size_t{1} << script_.below(18)));
    }
  }

  void end() {
    over_ = true;
    const auto left = sessions_;
    for (const auto& [id, ended] : left)
      if (!ended) static_cast<void>(stack_.end(id, {}, now_));
    drain();
    for (const auto id : std::exchange(requests_, {}))
      static_cast<void>(stack_.respond(id, {500, {}, {}, {}, {}}, now_));
    drain();
    stack_.remove_account(account_, now_);
    drain();
    for (int i = 0; i < 6; ++i) {
      pass(std::chrono::hours(1));
      for (const auto id : std::exchange(requests_, {}))
        static_cast<void>(stack_.respond(id, {500, {}, {}, {}, {}}, now_));
      drain();
    }
    for (const auto& [id, ended] : sessions_) ST_ASSERT(ended);
    const auto counters = stack_.counters();
    ST_ASSERT(counters.sessions == 0 && counters.dialogs == 0);
    ST_ASSERT(counters.clients == 0 && counters.servers == 0 && counters.requests == 0);
    ST_ASSERT(counters.timers == 0);
  }

 private:
  // --- the peer
  static Address peer() { return *Address::parse("198.51.100.7:5070", 0); }
  void arrive(std::string bytes, const Address& from) {
    if (arrived_.size() < 64) arrived_.push_back(bytes);
    stack_.transport().datagram(udp_, from, std::move(bytes), now_);
    stack_.run(now_);
    drain();
  }
  void arrive(std::string bytes) { arrive(std::move(bytes), peer()); }
  [[nodiscard]] std::string head(std::string_view method, std::string_view call_id, std::string_view from_tag,
                                 std::string_view to_tag, std::size_t cseq) {
    std::string text(method);
    text += " sip:alice@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7:5070;branch=z9hG4bK";
    text += std::to_string(script_.below(16)) + "-" + std::to_string(cseq);
    text += "\r\nMax-Forwards: 70\r\nFrom: <sip:bob@example.com>";
    if (!from_tag.empty()) text.append(";tag=").append(from_tag);
    text += "\r\nTo: <sip:alice@example.com>";
    if (!to_tag.empty()) text.append(";tag=").append(to_tag);
    text.append("\r\nCall-ID: ").append(call_id);
    text.append("\r\nCSeq: ").append(std::to_string(cseq)).append(" ").append(method);
    text += "\r\nContact: <sip:bob@198.51.100.7:5070>\r\n";
    return text;
  }
  [[nodiscard]] std::string tail() {
    std::string text(extras[script_.below(std::size(extras))]);
    text += extras[script_.below(std::size(extras))];
    if (script_.chance()) {
      text += "Content-Type: application/sdp\r\nContent-Length: " + std::to_string(sdp.size()) + "\r\n\r\n";
      text += sdp;
    } else if (script_.below(8) == 0) {
      text += "Content-Type: message/sipfrag\r\nContent-Length: 16\r\n\r\nSIP/2.0 200 OK\r\n";
    } else {
      text += "Content-Length: 0\r\n\r\n";
    }
    return text;
  }
  void peer_invites() {
    arrive(head("INVITE", "in" + std::to_string(script_.below(4)), "b1", "", 1) + tail());
  }
  void peer_answers() {
    if (sent_.empty()) return;
    const auto request = parse_message(sent_[sent_.size() - 1 - script_.below(sent_.size())]);
    if (!request || !request->is_request() || request->method() == Method::ack) return;
    static constexpr int statuses[] = {100, 180, 183, 200, 200, 202, 302, 401, 407, 408,
                                       422, 423, 481, 486, 487, 489, 491, 500, 503, 603};
    const auto status = statuses[script_.below(std::size(statuses))];
    static constexpr std::string_view tags[] = {"p1", "p1", "p2", "p3"};
    auto answer = Message::response(*request, status, {}, tags[script_.below(std::size(tags))]);
    answer.add(HeaderId::contact, status == 302 ? "<sip:carol@198.51.100.8>" : "<sip:bob@198.51.100.7:5070>");
    auto text = answer.to_bytes();
    text.resize(text.rfind("Content-Length"));
    arrive(text + tail());
  }
  struct Ids {
    std::string call_id, local_tag, remote_tag;
  };
  [[nodiscard]] std::vector<Ids> dialogs() const {
    std::vector<Ids> found;
    for (const auto& [id, ended] : sessions_)
      if (const auto facts = stack_.dialog(id))
        found.push_back({facts->call_id, facts->local_tag, facts->remote_tag});
    return found;
  }
  void peer_asks_in_dialog() {
    const auto known = dialogs();
    if (known.empty()) return;
    const auto& ids = known[script_.below(known.size())];
    const auto method = in_dialog[script_.below(std::size(in_dialog))];
    auto text = head(method, ids.call_id, ids.remote_tag, ids.local_tag, 1 + script_.below(200));
    if (method == "PRACK") text += "RAck: " + std::to_string(script_.word()) + " 1 INVITE\r\n";
    if (script_.below(16) == 0) return arrive(text + tail(), *Address::parse("203.0.113.66:5060", 0));
    arrive(text + tail());
  }
  void peer_repeats() {
    if (!arrived_.empty()) arrive(arrived_[script_.below(arrived_.size())]);
  }
  void peer_lies() {
    if (arrived_.empty()) return;
    auto bytes = arrived_[script_.below(arrived_.size())];
    for (std::size_t i = 1 + script_.below(4); i > 0 && !bytes.empty(); --i)
      bytes[script_.word() % bytes.size()] = static_cast<char>(script_.byte());
    arrive(std::move(bytes));
  }

  // --- the user
  void user_calls() {
    if (sessions_.size() >= 8) return;
    Invite invite;
    invite.account = account_;
    invite.target = "sip:bob@example.com";
    if (script_.chance()) invite.sdp = sdp;
    if (const auto session = stack_.invite(std::move(invite), now_)) sessions_.emplace(*session, false);
    drain();
  }
  void user_acts() {
    if (!requests_.empty() && script_.below(3) == 0) {
      static constexpr int statuses[] = {200, 202, 403, 489, 500, 603};
      const auto id = requests_.back();
      requests_.pop_back();
      static_cast<void>(
          stack_.respond(id, {statuses[script_.below(std::size(statuses))], {}, {}, {}, {}}, now_));
      return drain();
    }
    if (sessions_.empty()) return;
    auto at = sessions_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(script_.below(sessions_.size())));
    command(at->first);
    drain();
  }
  // Any command in any state: an error is an answer, too.
  void command(SessionId id) {
    const std::string description(script_.chance() ? sdp : "");
    static constexpr int refusals[] = {302, 404, 486, 488, 491, 603};
    const Response refusal{refusals[script_.below(std::size(refusals))], {}, {}, {}, {}};
    switch (script_.below(10)) {
      case 0: static_cast<void>(stack_.accept(id, description, {}, now_)); break;
      case 1: static_cast<void>(stack_.reject(id, refusal, now_)); break;
      case 2:
        static_cast<void>(stack_.provisional(id, {180, {}, description, script_.chance(), {}}, now_));
        break;
      case 3: static_cast<void>(stack_.offer(id, description, now_)); break;
      case 4: static_cast<void>(stack_.answer_offer(id, description, now_)); break;
      case 5: static_cast<void>(stack_.refuse_offer(id, refusal, now_)); break;
      case 6: static_cast<void>(stack_.ack(id, description, now_)); break;
      case 7: static_cast<void>(stack_.end(id, {}, now_)); break;
      case 8:
        static_cast<void>(stack_.request(id, Method::info, {}, "Signal=1", "application/dtmf-relay", now_));
        break;
      default: stack_.register_now(account_, now_);
    }
  }

  // --- the world
  void pass(Duration duration) {
    const Time end = now_ + duration;
    for (std::size_t rounds = 0;; ++rounds) {
      ST_ASSERT(rounds < 200000);  // a deadline that does not move
      const auto deadline = stack_.deadline();
      if (!deadline || deadline->when > end) break;
      if (deadline->when > now_) now_ = deadline->when;
      stack_.on_time(now_);
      drain();
    }
    now_ = end;
  }
  void drain() {
    for (bool more = true; more;) {
      more = false;
      while (auto io = stack_.poll_io()) {
        more = true;
        std::visit([&](auto& out) { carry_out(out); }, *io);
      }
      while (auto event = stack_.poll_event()) {
        more = true;
        std::visit([&](auto& what) { take(what); }, *event);
      }
    }
  }
  void carry_out(SendDatagram& out) {
    if (sent_.size() >= 64) sent_.erase(sent_.begin());
    sent_.push_back(*out.bytes);
  }
  void carry_out(OpenConnection& out) {
    stack_.transport().closed(out.connection, "refused", now_);
    stack_.run(now_);
  }
  template <typename Other>
  void carry_out(Other&) {}

  void take(IncomingInvite& invite) {
    ST_ASSERT(sessions_.emplace(invite.session, false).second);
    if (over_) static_cast<void>(stack_.reject(invite.session, {486, {}, {}, {}, {}}, now_));
  }
  void take(SessionEnded& ended) {
    auto& gone = sessions_.at(ended.session);
    ST_ASSERT(!gone);
    gone = true;
  }
  void take(IncomingRequest& request) { requests_.push_back(request.id); }
  template <typename Other>
  void take(Other& event) {
    if constexpr (requires { event.session; })
      if (event.session) {
        const auto at = sessions_.find(event.session);
        if constexpr (!std::is_same_v<Other, RequestFinished>)
          ST_ASSERT(at == sessions_.end() || !at->second);
      }
  }

  fuzz::Script& script_;
  bool over_ = false;
  Time now_{std::chrono::seconds(100)};
  SeededRandom random_{1};
  NullSink log_;
  Stack stack_;
  SocketId udp_;
  AccountId account_;
  std::map<SessionId, bool> sessions_;  // with "has ended"
  std::vector<ServerRequestId> requests_;
  std::vector<std::string> sent_, arrived_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  StackSettings settings;
  const auto role = script.below(4);
  settings.server_role = role == 0;
  // The peer of the script is a stranger to the line; the guard must not keep the rest of the stack from us.
  settings.guard.accept_from = role == 1 ? AcceptFrom::line_servers : AcceptFrom::anyone;
  Desk desk(script, settings);
  for (std::size_t step = 0; step < steps_max && !script.done(); ++step) desk.step();
  desk.end();
  return 0;
}
