// Orders of the line's server by NOTIFY within a call: talk, hold, dtmf, beep. Rows name the part of the
// notes on third-party call control, or the RFC, that asks for them.
#include "served_phone.h"
#include "sip/dialog/dialog.h"

namespace sidetone::test {
namespace {

using namespace sip;
using endpoint::Beep;
using endpoint::SendDigits;

class ServerOrders : public ServedPhone {
 protected:
  void SetUp() override { start(); }
};
class ServerOrdersBy : public ServedPhone {};  // phones with settings of their own

TEST_F(ServerOrders, talk_answers_a_call_that_rings) {
  auto dialog = ring();
  const auto before = received.size();
  send(notify(dialog, "talk"));
  EXPECT_EQ(heard_since(before), "200/NOTIFY 200/INVITE") << "the order is answered first";
  acknowledge(dialog, {}, 1);
  EXPECT_EQ(phone->call().state, CallState::connected);
  EXPECT_TRUE(phone->plan(phone->call().call).send);
}

TEST_F(ServerOrdersBy, packages_are_announced_wherever_a_call_is) {  // RFC 6665 §8.2.2
  endpoint::CoreSettings settings;
  settings.lines.push_back(line_at_server("7001"));
  settings.lines.front().register_expires = seconds(600);
  start(std::move(settings));
  wire.run_for(milliseconds(5));
  auto registered = Message::response(requests("REGISTER").at(0), 200, "", "srv");
  registered.add(HeaderId::contact, std::string(requests("REGISTER").at(0).value(HeaderId::contact)));
  registered.add(HeaderId::expires, "600");
  send(registered);
  const auto dialog = answered();
  static_cast<void>(dialled());
  std::vector<Message> carriers{requests("REGISTER").at(0), requests("INVITE").at(0),
                                *find_response(180, "INVITE", dialog), *find_response(200, "INVITE", dialog)};
  for (const auto& message : carriers)
    for (const std::string_view package : {"talk", "hold", "dtmf"})
      EXPECT_TRUE(message.lists(HeaderId::allow_events, package)) << message.to_bytes();
}

// What is asked for, in which state, what is answered, and what the call is afterwards.
TEST_F(ServerOrders, by_state) {
  enum class In { ringing, answering, talking, held, held_by_server, dialling };
  struct Row {
    std::string_view section, event;
    In state;
    int status;
    std::string_view then;  // what the phone sends behind the answer
  };
  for (const auto& row : std::vector<Row>{
           {"3.4 talk, ringing", "talk", In::ringing, 200, "200/INVITE"},
           {"tokens are compared loosely", "Talk;id=1", In::ringing, 200, "200/INVITE"},
           {"3.4 talk, held by this endpoint", "talk", In::held, 200, "INVITE"},
           {"3.4 talk, held by the server: try", "talk", In::held_by_server, 200, "INVITE"},
           {"talk, talking: nothing to do", "talk", In::talking, 200, ""},
           {"talk, answered without ACK: nothing to do", "talk", In::answering, 200, ""},
           {"talk, a call of ours that nobody has answered", "talk", In::dialling, 491, ""},
           {"3.4 hold, talking", "hold", In::talking, 200, "INVITE"},
           {"3.4 hold, already held", "hold", In::held, 200, ""},
           {"hold, not answered", "hold", In::ringing, 491, ""},
           {"hold, not answered", "hold", In::dialling, 491, ""},
           {"3.4 dtmf, not answered", "dtmf", In::ringing, 491, ""},
           {"dtmf, held: by INFO", "dtmf", In::held, 200, "INFO"},
           {"beep, not answered", "beep", In::ringing, 491, ""},
           {"beep, talking", "beep", In::talking, 200, ""},
           {"RFC 6665 §7.2", "x-other", In::talking, 489, ""},
           {"RFC 6665 §7.2", "x-other", In::ringing, 489, ""},
           {"RFC 3515 §2.4.6: a REFER that nobody sent", "refer", In::talking, 481, ""},
       }) {
    SCOPED_TRACE(fmt::format("{}: {}", row.section, row.event));
    Dialog dialog;
    switch (row.state) {
      case In::ringing: dialog = ring(); break;
      case In::answering:
        dialog = ring();
        phone->command(Answer{phone->call().call});
        wire.run_for(milliseconds(5));
        break;
      case In::talking: dialog = answered(); break;
      case In::held:
        dialog = answered();
        phone->command(Hold{phone->call().call});
        wire.run_for(milliseconds(5));
        respond(
            dialog, requests("INVITE").back(), 200,
            audio_sdp("10.0.0.20", 20000, "0 101", "a=rtpmap:101 telephone-event/8000\r\na=recvonly\r\n", 2));
        EXPECT_TRUE(phone->call().held_by_us);
        break;
      case In::held_by_server:
        dialog = answered();
        EXPECT_EQ(ask(next("INVITE", dialog, audio_sdp("0.0.0.0"))), 200);
        acknowledge(dialog);
        EXPECT_TRUE(phone->call().held_by_peer);
        break;
      case In::dialling:
        dialog = dialled();
        respond(dialog, dialog.invite, 180);
        break;
    }
    const auto call = phone->call();
    const auto before = received.size();
    phone->told.clear();
    phone->orders.clear();
    const auto order = notify(dialog, row.event, "5", "application/dtmf");
    EXPECT_EQ(ask(order), row.status);
    EXPECT_EQ(heard_since(before),
              fmt::format("{}/NOTIFY{}{}", row.status, row.then.empty() ? "" : " ", row.then));
    if (row.status == 489) EXPECT_TRUE(received.back().lists(HeaderId::allow_events, "hold"));
    if (row.then.empty()) EXPECT_EQ(phone->call(), call) << "nothing has changed";
    if (row.status != 200) {
      EXPECT_TRUE(phone->told.empty() && phone->orders.empty()) << "nor is anything tried";
    }
    phone->command(HangUp{call.call});
    for (const auto& bye : requests("BYE"))
      if (bye.value(HeaderId::call_id) == dialog.call_id) respond(dialog, bye, 200);
    for (const auto& cancel : requests("CANCEL"))
      if (cancel.value(HeaderId::call_id) == dialog.call_id) {
        respond(dialog, cancel, 200);
        respond(dialog, dialog.invite, 487);
      }
    wire.run_for(seconds(40));
    ASSERT_TRUE(phone->core->snapshot().calls.empty());
  }
}

TEST_F(ServerOrders, call_that_is_gone) {  // RFC 3261 §12.2.2
  auto dialog = answered();
  EXPECT_EQ(ask(next("BYE", dialog)), 200);
  for (const auto event : endpoint::server_packages) EXPECT_EQ(ask(notify(dialog, event)), 481) << event;
  // Hung up here, and the BYE not answered: for the user it is over.
  auto other = answered();
  phone->command(HangUp{phone->call().call});
  wire.run_for(milliseconds(5));
  for (const auto event : endpoint::server_packages) EXPECT_EQ(ask(notify(other, event)), 481) << event;
  EXPECT_TRUE(phone->core->snapshot().calls.empty());
}

TEST_F(ServerOrders, outside_of_a_call) {
  Dialog none{"none", "<sip:server@lab.example>;tag=x", "<sip:7001@lab.example>", 0, {}};
  EXPECT_EQ(ask(notify(none, "talk")), 481);
  EXPECT_EQ(ask(notify(none, "check-sync")), 489);
  // 3.6 #6: before the 180 was seen there is no tag, and so no dialog.
  auto dialog = ring();
  const auto known = dialog.remote;
  dialog.remote = "<sip:7001@lab.example>";
  EXPECT_EQ(ask(notify(dialog, "talk")), 481);
  dialog.remote = known;
  EXPECT_EQ(phone->call().state, CallState::ringing);
  EXPECT_EQ(ask(notify(dialog, "talk")), 200);
  EXPECT_EQ(phone->call().state, CallState::connecting);
}

// 3.6 #6: a retransmission is answered by the transaction, and does nothing a second time.
TEST_F(ServerOrders, retransmitted) {
  auto dialog = ring();
  const auto order = notify(dialog, "talk");
  send(order);
  acknowledge(dialog, {}, 1);
  const auto before = received.size();
  phone->command(Hold{phone->call().call});
  wire.run_for(milliseconds(5));
  send(order);
  EXPECT_EQ(heard_since(before), "INVITE 200/NOTIFY");
  EXPECT_TRUE(phone->call().hold_wanted);
  // The same number in another transaction is old (RFC 3261 §12.2.2).
  auto old = order;
  old.set(HeaderId::via, fmt::format("SIP/2.0/UDP {};branch=z9hG4bKold", server_place));
  old.set(HeaderId::cseq, "1 NOTIFY");
  EXPECT_EQ(ask(old), 500);
}

// A forged "talk" opens a microphone. 10.0.0.66 knows all that ever crossed.
TEST_F(ServerOrders, whose) {
  struct Row {
    std::string_view who, from;
    int status;
  };
  constexpr std::string_view attacker = "10.0.0.66:5060", peer = "10.0.0.20:5060";
  for (const auto place : {attacker, peer})
    wire.add_peer(place, [this](const Message& message, Address) { received.push_back(message); });
  for (const auto event : endpoint::server_packages) {
    auto dialog = ring();
    for (const auto& row : std::vector<Row>{{"an attacker with the right ids", attacker, 403},
                                            {"where the peer's sound is", peer, 403}}) {
      SCOPED_TRACE(row.who);
      EXPECT_EQ(ask(notify(dialog, event), row.from), row.status);
      auto guess = dialog;
      guess.remote = "<sip:7001@lab.example>;tag=guess";
      EXPECT_EQ(ask(notify(guess, event), row.from), 481);
    }
    EXPECT_EQ(phone->call().state, CallState::ringing);
    phone->command(Reject{phone->call().call, 486});
  }
}

// Server pairs send from the other address.
TEST_F(ServerOrdersBy, from_the_other_server_of_a_pair) {
  wire.dns = [](const DnsQuery& query) {
    DnsAnswer answer;
    answer.outcome = DnsAnswer::Outcome::no_name;
    if (query.type != DnsType::a || query.name != "pair.example") return answer;
    answer.outcome = DnsAnswer::Outcome::answered;
    for (const auto place : {server_place, std::string_view("10.0.0.8:5060")})
      answer.answers.push_back({query.name, seconds(60), Address::parse(place, 0)->ip});
    return answer;
  };
  endpoint::CoreSettings settings;
  settings.lines.push_back(line_at_server("7001"));
  settings.lines.front().server_host = "pair.example";
  settings.lines.front().register_expires = seconds(600);
  wire.add_peer("10.0.0.8:5060", [this](const Message& message, Address) { received.push_back(message); });
  start(std::move(settings));
  wire.run_for(milliseconds(50));
  auto dialog = ring();
  EXPECT_EQ(ask(notify(dialog, "talk"), "10.0.0.8:5060"), 200);
  EXPECT_EQ(phone->call().state, CallState::connecting);
}

TEST_F(ServerOrders, talk_on_a_second_call_holds_the_first) {
  auto first = answered();
  const auto active = phone->call().call;
  auto second = ring();
  EXPECT_EQ(ask(notify(second, "talk")), 200);
  EXPECT_TRUE(shown(active).hold_wanted);
  const auto changes = phone->all<CallChanged>();
  EXPECT_TRUE(std::any_of(changes.begin(), changes.end(), [&](const auto* changed) {
    return changed->call.call == active && changed->call.hold_wanted;
  })) << "the window is told, too";
  EXPECT_FALSE(phone->plan(active).send) << "the microphone is in one call only";
  EXPECT_EQ(phone->call().state, CallState::connecting);
  acknowledge(second, {}, 1);
  EXPECT_TRUE(phone->plan(phone->call().call).send);
  // And back: the first one is talked to again, the second one waits.
  respond(first, requests("INVITE").back(), 200, audio_sdp("10.0.0.20", 20000, "0", "a=recvonly\r\n", 2));
  EXPECT_EQ(ask(notify(first, "talk")), 200);
  EXPECT_FALSE(shown(active).hold_wanted);
  EXPECT_TRUE(phone->call().hold_wanted);
}

// SDK guide, consult calls: the server undoes its own hold by itself; one of ours would stay.
TEST_F(ServerOrders, talk_leaves_a_call_to_the_server_that_holds_it) {
  auto held = answered();
  EXPECT_EQ(ask(next("INVITE", held, audio_sdp("0.0.0.0", 20000, "0", "", 2))), 200);
  acknowledge(held);
  const auto waits = phone->call().call;
  auto consult = ring();
  const auto before = requests("INVITE").size();
  EXPECT_EQ(ask(notify(consult, "talk")), 200);
  EXPECT_FALSE(shown(waits).hold_wanted);
  EXPECT_EQ(requests("INVITE").size(), before);
}

// The call that the server holds is asked for by it, while the agent talks in another one.
TEST_F(ServerOrders, talk_on_a_call_that_the_server_holds_holds_the_other) {
  auto held = answered();
  EXPECT_EQ(ask(next("INVITE", held, audio_sdp("0.0.0.0", 20000, "0", "", 2))), 200);
  acknowledge(held);
  const auto waits = phone->call().call;
  auto other = ring();
  EXPECT_EQ(ask(notify(other, "talk")), 200);
  acknowledge(other, {}, 1);
  const auto talks = phone->call().call;
  EXPECT_FALSE(shown(talks).hold_wanted);
  const auto before = requests("INVITE").size();
  EXPECT_EQ(ask(notify(held, "talk")), 200);
  EXPECT_TRUE(shown(talks).hold_wanted);
  EXPECT_FALSE(phone->plan(talks).send) << "the microphone is in one call only";
  EXPECT_FALSE(shown(waits).hold_wanted);
  EXPECT_EQ(requests("INVITE").size() - before, 2U) << "a hold there, an offer here";
}

TEST_F(ServerOrders, talk_while_the_server_holds_takes_the_direction_of_its_answer) {
  auto dialog = answered();
  EXPECT_EQ(ask(next("INVITE", dialog, audio_sdp("0.0.0.0", 20000, "0", "", 2))), 200);
  acknowledge(dialog);
  const auto call = phone->call().call;
  EXPECT_FALSE(phone->plan(call).send);
  EXPECT_EQ(ask(notify(dialog, "talk")), 200);
  respond(dialog, requests("INVITE").back(), 200, audio_sdp("10.0.0.20", 20000, "0", "a=sendonly\r\n", 3));
  EXPECT_TRUE(phone->call().held_by_peer) << "it stays as the server says";
  EXPECT_EQ(ask(notify(dialog, "talk")), 200);
  respond(dialog, requests("INVITE").back(), 200, audio_sdp("10.0.0.20", 20000, "0", "", 4));
  EXPECT_FALSE(phone->call().held_by_peer);
  EXPECT_TRUE(phone->plan(call).send);
}

TEST_F(ServerOrders, beep_is_for_our_own_ear) {
  auto dialog = answered();
  EXPECT_EQ(ask(notify(dialog, "beep")), 200);
  EXPECT_EQ(orders<Beep>().size(), 1U);
  EXPECT_TRUE(orders<SendDigits>().empty());
}

TEST_F(ServerOrders, dtmf_bodies) {
  struct Row {
    std::string_view section, type, body;
    std::vector<std::pair<std::string, int>> sent;  // digits and their length in ms
  };
  const std::string relay = "application/dtmf-relay";
  for (const auto& row : std::vector<Row>{
           {"3.4 relay", relay, "Signal=5\r\nDuration=160\r\n", {{"5", 160}}},
           {"case, blanks, LF", relay, " SIGNAL = # \nduration = 200 \n", {{"#", 200}}},
           {"several in turn",
            relay,
            "Signal=1\r\nSignal=2\r\nSignal=3\r\nDuration=400\r\n",
            {{"12", 250}, {"3", 400}}},
           {"no duration", relay, "Signal=9\r\n", {{"9", 250}}},
           {"too short", relay, "Signal=9\r\nDuration=1\r\n", {{"9", 100}}},
           {"too long", relay, "Signal=9\r\nDuration=99999999\r\n", {{"9", 5000}}},
           {"numbers of * and #", relay, "Signal=10\r\nSignal=11\r\n", {{"*#", 250}}},
           {"letters", relay, "Signal=a\r\nSignal=D\r\n", {{"AD", 250}}},
           {"flash is no digit", relay, "Signal=16\r\nSignal=!\r\n", {}},
           {"a vendor's twin", "application/vnd.acme.dtmf-relay", "Signal=7\r\n", {{"7", 250}}},
           {"application/dtmf", "application/dtmf", "12#\r\n", {{"12#", 250}}},
           {"text", "text/plain", "Signal=4\r\nDuration=120\r\n", {{"4", 120}}},
           {"text of digits", "text/plain", "44", {{"44", 250}}},
           {"no type", "", "Signal=6\r\n", {{"6", 250}}},
           {"nothing that can be read", relay, "Hello", {}},
           {"another type", "application/xml", "<digit>5</digit>", {}},
           {"another type with digits in it", "application/x-other", "5", {}},
       }) {
    SCOPED_TRACE(row.section);
    auto dialog = answered();
    phone->orders.clear();
    auto order = notify(dialog, "dtmf", row.body, row.type.empty() ? "text/plain" : row.type);
    if (row.type.empty()) {
      auto bytes = order.to_bytes();
      const auto at = bytes.find("Content-Type");
      bytes.erase(at, bytes.find("\r\n", at) + 2 - at);
      wire.inject(*Address::parse(server_place, 0), phone->node.address, bytes);
      wire.run_for(milliseconds(5));
    } else {
      send(order);
    }
    EXPECT_EQ(status_of(order), 200) << "a call is worth more than a body";
    std::size_t run = 0;
    for (; run < row.sent.size(); ++run) {
      ASSERT_EQ(orders<SendDigits>().size(), run + 1);
      const auto sent = orders<SendDigits>().back();
      EXPECT_EQ(sent.digits, row.sent[run].first);
      EXPECT_EQ(sent.tone.count(), row.sent[run].second);
      EXPECT_EQ(sent.gap.count(), 100);
      phone->core->digits_sent(phone->call().call, sent.digits.size(), wire.now());
      phone->settle();
    }
    EXPECT_EQ(orders<SendDigits>().size(), run);
    EXPECT_EQ(ask(next("BYE", dialog)), 200);
  }
}

TEST_F(ServerOrders, dtmf_that_is_too_much) {
  auto dialog = answered();
  std::string body;
  for (int i = 0; i < 1000; ++i) body += "Signal=1\r\n";
  EXPECT_EQ(ask(notify(dialog, "dtmf", body, "application/dtmf-relay")), 200);
  ASSERT_EQ(orders<SendDigits>().size(), 1U);
  EXPECT_EQ(orders<SendDigits>().front().digits.size(), 40U);
  EXPECT_EQ(ask(notify(dialog, "dtmf", "1", "application/dtmf")), 200);
  EXPECT_EQ(phone->last<CommandFailed>().command, "dtmf") << "40 wait already";
}

TEST_F(ServerOrders, dtmf_without_any_way_for_it) {
  auto dialog = answered(audio_sdp("10.0.0.20", 20000, "0", ""));
  send(notify(dialog, "dtmf", "1", "application/dtmf"));
  respond(dialog, requests("INFO").back(), 415);  // no telephone-event, no INFO
  ASSERT_EQ(orders<SendDigits>().size(), 1U) << "tones in the sound are left";
  EXPECT_EQ(ask(next("INVITE", dialog, audio_sdp("0.0.0.0", 20000, "0", "", 2))), 200);
  acknowledge(dialog);
  EXPECT_EQ(ask(notify(dialog, "dtmf", "1", "application/dtmf")), 480) << "nobody would hear it";
}

TEST_F(ServerOrdersBy, dtmf_by_info) {
  endpoint::CoreSettings settings;
  settings.dtmf_method = DtmfMethod::info;
  settings.lines.push_back(line_at_server("7001"));
  start(std::move(settings));
  auto dialog = answered();
  EXPECT_EQ(ask(notify(dialog, "dtmf", "Signal=8\r\nDuration=300\r\n", "application/dtmf-relay")), 200);
  EXPECT_EQ(requests("INFO").back().body(), "Signal=8\r\nDuration=300\r\n");
}

// 3.6 #7: a caller who gives up while the desktop answers.
TEST_F(ServerOrders, races_with_cancel) {
  for (const bool cancel_first : {true, false}) {
    SCOPED_TRACE(cancel_first);
    auto dialog = ring();
    auto cancel = request("CANCEL", dialog, 1);
    cancel.set(HeaderId::via, dialog.invite.value(HeaderId::via));
    cancel.set(HeaderId::to, "<sip:7001@lab.example>");
    const auto order = notify(dialog, "talk");
    const auto before = received.size();
    wire.inject(*Address::parse(server_place, 0), phone->node.address, cancel_first ? cancel : order);
    wire.inject(*Address::parse(server_place, 0), phone->node.address, cancel_first ? order : cancel);
    wire.run_for(milliseconds(5));
    if (cancel_first) {
      EXPECT_EQ(heard_since(before), "200/CANCEL 487/INVITE 481/NOTIFY");
    } else {
      // The answer was first: the caller's side has a call, and ends it (RFC 3261 §9.1).
      EXPECT_EQ(heard_since(before), "200/NOTIFY 200/INVITE 200/CANCEL");
      acknowledge(dialog, {}, 1);
      EXPECT_EQ(ask(next("BYE", dialog)), 200);
    }
    wire.run_for(seconds(40));
    EXPECT_TRUE(phone->core->snapshot().calls.empty()) << "no orphan";
    EXPECT_EQ(phone->core->calls_alive(), 0U);
  }
}

}  // namespace
}  // namespace sidetone::test
