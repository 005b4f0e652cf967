// What the user does with calls: transfers (RFC 5589), consulting, swapping, redirecting, hanging up all.
#include "served_phone.h"

namespace sidetone::test {
namespace {

using namespace sip;

const std::string recvonly = "a=recvonly\r\n";

class OwnTransfers : public ServedPhone {
 protected:
  void SetUp() override { start(); }
  // Answers the phone's re-INVITEs: a hold by recvonly, anything else by sendrecv.
  void settle_offers(const Dialog& dialog) {
    for (bool more = true; more;) {
      more = false;
      for (const auto& invite : requests("INVITE")) {
        const auto id = fmt::format("{} {}", invite.value(HeaderId::call_id), invite.value(HeaderId::cseq));
        const bool is_re = invite.value(HeaderId::to).find(";tag=") != std::string_view::npos;
        if (!is_re || invite.value(HeaderId::call_id) != dialog.call_id || !settled.insert(id).second)
          continue;
        more = true;
        const bool hold = invite.body().find("a=sendonly") != std::string_view::npos;
        respond(dialog, invite, 200, audio_sdp("10.0.0.20", 20000, "0", hold ? recvonly : "", ++version));
      }
    }
  }
  // The other party's news of a REFER.
  void tell(Dialog& dialog, int status, bool last) {
    auto notify = next("NOTIFY", dialog);
    notify.add(HeaderId::event, "refer");
    notify.add(HeaderId::subscription_state, last ? "terminated;reason=noresource" : "active;expires=60");
    notify.set_body(fmt::format("SIP/2.0 {} {}\r\n", status, reason_phrase(status)),
                    "message/sipfrag;version=2.0");
    EXPECT_EQ(ask(notify), 200);
  }
  std::vector<std::pair<TransferState, int>> told() const {
    std::vector<std::pair<TransferState, int>> states;
    for (const auto* event : phone->all<TransferChanged>()) states.emplace_back(event->state, event->status);
    return states;
  }
  void end_bye(const Dialog& dialog) {
    for (const auto& bye : requests("BYE"))
      if (bye.value(HeaderId::call_id) == dialog.call_id) respond(dialog, bye, 200);
  }

  std::set<std::string> settled;
  int version = 10;
};
using Told = std::vector<std::pair<TransferState, int>>;

TEST_F(OwnTransfers, blind) {  // RFC 5589 §6.1
  auto dialog = answered();
  const auto call = phone->call().call;
  phone->command(Transfer{call, "7003"});
  wire.run_for(milliseconds(5));
  EXPECT_TRUE(requests("REFER").empty()) << "held first";
  EXPECT_FALSE(phone->plan(call).send);
  settle_offers(dialog);
  ASSERT_EQ(requests("REFER").size(), 1U);
  const auto refer = requests("REFER").front();
  EXPECT_EQ(refer.value(HeaderId::refer_to), "<sip:7003@10.0.0.9>");
  EXPECT_EQ(refer.value(HeaderId::referred_by), "<sip:7001@lab.example>");
  respond(dialog, refer, 202);
  tell(dialog, 100, false);
  tell(dialog, 180, false);
  EXPECT_TRUE(requests("BYE").empty()) << "the call is kept until the target has answered";
  tell(dialog, 200, true);
  EXPECT_EQ(told(), (Told{{TransferState::asked, 0},
                          {TransferState::trying, 202},
                          {TransferState::ringing, 180},
                          {TransferState::succeeded, 200}}));
  ASSERT_EQ(requests("BYE").size(), 1U);
  end_bye(dialog);
  EXPECT_EQ(phone->last<CallEnded>().call.end_reason, EndReason::transferred);
  EXPECT_EQ(phone->core->calls_alive(), 0U);
}

TEST_F(OwnTransfers, blind_that_fails_resumes) {
  struct Row {
    std::string_view what;
    int refer, final;  // final 0: nothing is told but the end
    int told;
    std::string_view text;
  };
  for (const auto& row :
       std::vector<Row>{{"busy", 202, 486, 486, "Busy Here"},
                        {"not found", 202, 404, 404, "Not Found"},
                        {"the far end does not take REFER", 405, 0, 405, "Method Not Allowed"},
                        {"it declines", 603, 0, 603, "Decline"},
                        {"it does not tell", 202, 100, 100, "the far end does not tell what became of it"}}) {
    SCOPED_TRACE(row.what);
    phone->told.clear();
    auto dialog = answered();
    const auto call = phone->call().call;
    phone->command(Transfer{call, "7003"});
    wire.run_for(milliseconds(5));
    settle_offers(dialog);
    respond(dialog, requests("REFER").back(), row.refer);
    if (row.final != 0) tell(dialog, row.final, true);
    EXPECT_EQ(told().back(), (std::pair{TransferState::failed, row.told}));
    EXPECT_EQ(phone->last<TransferChanged>().text, row.text);
    settle_offers(dialog);
    EXPECT_FALSE(phone->call().held_by_us) << "as it was";
    EXPECT_TRUE(phone->plan(call).send);
    EXPECT_EQ(ask(next("BYE", dialog)), 200);
  }
}

// The agent has gone on to somebody else by then.
TEST_F(OwnTransfers, blind_that_fails_later_disturbs_no_other_call) {
  auto main = answered();
  const auto main_call = phone->call().call;
  phone->command(Transfer{main_call, "7003"});
  wire.run_for(milliseconds(5));
  settle_offers(main);
  respond(main, requests("REFER").back(), 202);
  answered();
  const auto other = phone->call().call;
  tell(main, 486, true);
  EXPECT_EQ(told().back(), (std::pair{TransferState::failed, 486}));
  EXPECT_TRUE(shown(main_call).hold_wanted);
  EXPECT_TRUE(phone->plan(other).send);
}

TEST_F(OwnTransfers, blind_of_a_held_call_leaves_it_held) {
  auto dialog = answered();
  const auto call = phone->call().call;
  phone->command(Hold{call});
  wire.run_for(milliseconds(5));
  settle_offers(dialog);
  phone->command(Transfer{call, "7003"});
  wire.run_for(milliseconds(5));
  respond(dialog, requests("REFER").back(), 202);
  tell(dialog, 603, true);
  EXPECT_TRUE(phone->call().held_by_us);
  EXPECT_TRUE(phone->call().hold_wanted);
}

// The hold is refused: the far end hears nothing all the same.
TEST_F(OwnTransfers, blind_where_the_hold_is_refused) {
  auto dialog = answered();
  phone->command(Transfer{phone->call().call, "7003"});
  wire.run_for(milliseconds(5));
  respond(dialog, requests("INVITE").back(), 488);
  ASSERT_EQ(requests("REFER").size(), 1U);
  EXPECT_FALSE(phone->plan(phone->call().call).send);
}

// The server ends our call as soon as it has taken over, and tells the rest later or never (RFC 5057 §3).
TEST_F(OwnTransfers, bye_before_the_final_notify) {
  auto dialog = answered();
  phone->command(Transfer{phone->call().call, "7003"});
  wire.run_for(milliseconds(5));
  settle_offers(dialog);
  respond(dialog, requests("REFER").front(), 202);
  tell(dialog, 180, false);
  EXPECT_EQ(ask(next("BYE", dialog)), 200);
  tell(dialog, 200, true);
  EXPECT_EQ(told().back(), (std::pair{TransferState::succeeded, 200}));
  EXPECT_TRUE(requests("BYE").empty());
  EXPECT_EQ(phone->core->calls_alive(), 0U);
}

TEST_F(OwnTransfers, call_that_ends_before_it_was_asked) {
  auto dialog = answered();
  phone->command(Transfer{phone->call().call, "7003"});
  wire.run_for(milliseconds(5));
  EXPECT_EQ(ask(next("BYE", dialog)), 200);
  EXPECT_EQ(told(), (Told{{TransferState::failed, 0}}));
  EXPECT_TRUE(requests("REFER").empty());
}

TEST_F(OwnTransfers, attended) {  // RFC 5589 §7.1
  auto main = answered();
  const auto main_call = phone->call().call;
  phone->command(Dial{.target = "7003", .related_call = main_call});
  wire.run_for(milliseconds(5));
  settle_offers(main);
  EXPECT_TRUE(shown(main_call).held_by_us);
  auto consult = taken(requests("INVITE").size() - 1);
  EXPECT_EQ(consult.invite.request_uri(), "sip:7003@10.0.0.9");
  EXPECT_EQ(phone->call().related_call, main_call);
  phone->command(CompleteTransfer{main_call, phone->call().call});
  EXPECT_EQ(phone->last<CommandFailed>().command, "complete_transfer") << "not answered yet";
  respond(consult, consult.invite, 200, audio_sdp("10.0.0.30", 30000));
  const auto consult_call = phone->call().call;
  phone->command(CompleteTransfer{main_call, consult_call});
  wire.run_for(milliseconds(5));
  ASSERT_EQ(requests("REFER").size(), 1U);
  const auto refer = requests("REFER").front();
  EXPECT_EQ(refer.value(HeaderId::call_id), main.call_id) << "the one who waits is asked";
  const auto to = ReferTo::parse(refer.value(HeaderId::refer_to));
  ASSERT_TRUE(to);
  EXPECT_EQ(to->uri, "sip:server@10.0.0.9:5060") << "the consulted party's own place";
  const auto tag = [](std::string_view party) { return std::string(party.substr(party.find("tag=") + 4)); };
  EXPECT_EQ(to->replaces,
            fmt::format("{};to-tag={};from-tag={}", consult.call_id, tag(consult.local), tag(consult.remote)))
      << "named as their receiver has them (RFC 3891 §4)";
  respond(main, refer, 202);
  tell(main, 200, true);
  EXPECT_EQ(requests("BYE").size(), 2U);
  end_bye(main);
  end_bye(consult);
  EXPECT_EQ(phone->core->calls_alive(), 0U);
  for (const auto* ended : phone->all<CallEnded>()) EXPECT_EQ(ended->call.end_reason, EndReason::transferred);
}

// The transferred call waits to be held, and meanwhile there is nobody any more to be transferred to.
TEST_F(OwnTransfers, consulted_party_leaves_before_it_was_asked) {
  for (const bool by_us : {false, true}) {
    SCOPED_TRACE(by_us);
    phone->told.clear();
    auto main = answered();
    const auto main_call = phone->call().call;
    phone->command(Dial{.target = "7003", .related_call = main_call});
    wire.run_for(milliseconds(5));
    auto consult = taken(requests("INVITE").size() - 1);
    respond(consult, consult.invite, 200, audio_sdp("10.0.0.30", 30000));
    const auto consult_call = phone->call().call;
    phone->command(CompleteTransfer{main_call, consult_call});
    wire.run_for(milliseconds(5));
    EXPECT_TRUE(requests("REFER").empty()) << "not held yet";
    if (by_us)
      phone->command(HangUp{consult_call});  // whose BYE is not answered
    else
      EXPECT_EQ(ask(next("BYE", consult)), 200);
    settle_offers(main);
    EXPECT_TRUE(requests("REFER").empty());
    EXPECT_EQ(told(), (Told{{TransferState::failed, 0}}));
    EXPECT_EQ(phone->last<TransferChanged>().text, "the consult call has ended");
    EXPECT_EQ(ask(next("BYE", main)), 200);
    end_bye(consult);
  }
}

TEST_F(OwnTransfers, attended_that_fails_keeps_both) {
  auto main = answered();
  const auto main_call = phone->call().call;
  phone->command(Dial{.target = "7003", .related_call = main_call});
  wire.run_for(milliseconds(5));
  settle_offers(main);
  auto consult = taken(requests("INVITE").size() - 1);
  respond(consult, consult.invite, 200, audio_sdp("10.0.0.30", 30000));
  const auto consult_call = phone->call().call;
  phone->command(CompleteTransfer{main_call, consult_call});
  wire.run_for(milliseconds(5));
  respond(main, requests("REFER").front(), 202);
  tell(main, 481, true);
  EXPECT_EQ(told().back(), (std::pair{TransferState::failed, 481}));
  EXPECT_TRUE(requests("BYE").empty());
  EXPECT_TRUE(shown(main_call).held_by_us);
  EXPECT_TRUE(phone->plan(consult_call).send);
  // And again, once it works.
  phone->command(CompleteTransfer{main_call, consult_call});
  wire.run_for(milliseconds(5));
  ASSERT_EQ(requests("REFER").size(), 2U);
  respond(main, requests("REFER").back(), 202);
  // The consulted party has been taken over: its dialog ends first.
  EXPECT_EQ(ask(next("BYE", consult)), 200);
  tell(main, 200, true);
  end_bye(main);
  EXPECT_EQ(phone->core->calls_alive(), 0U);
}

TEST_F(OwnTransfers, commands_that_make_no_sense) {
  auto ringing = ring();
  const auto call = phone->call().call;
  const auto fails = [&](const Command& command, std::string_view name) {
    phone->told.clear();
    phone->command(command);
    const auto failed = phone->all<CommandFailed>();
    EXPECT_EQ(failed.size(), 1U) << name;
    if (!failed.empty()) EXPECT_EQ(failed[0]->command, name);
  };
  fails(Transfer{call, "7003"}, "transfer");
  fails(CompleteTransfer{call, call}, "complete_transfer");
  fails(Swap{}, "swap");
  fails(Dial{.target = "7003", .related_call = CallId{77}}, "dial");
  fails(Redirect{call, "not a place"}, "redirect");
  fails(Redirect{CallId{77}, "7003"}, "redirect");
  EXPECT_EQ(ask(notify(ringing, "talk")), 200);
  acknowledge(ringing, {}, 1);
  fails(Redirect{call, "7003"}, "redirect");
  fails(Transfer{call, ""}, "transfer");
  fails(CompleteTransfer{call, call}, "complete_transfer");
  fails(CompleteTransfer{call, CallId{77}}, "complete_transfer");
  fails(Swap{}, "swap");
  phone->command(Transfer{call, "7003"});
  fails(Transfer{call, "7004"}, "transfer");
  EXPECT_EQ(phone->core->snapshot().calls.size(), 1U);
}

TEST_F(OwnTransfers, swap) {
  auto first = answered();
  const auto a = phone->call().call;
  auto second = ring();
  const auto b = phone->call().call;
  phone->command(Answer{b});
  wire.run_for(milliseconds(5));
  second.remote = find_response(200, "INVITE", second)->value(HeaderId::to);
  acknowledge(second);
  settle_offers(first);
  for (int i = 0; i < 3; ++i) {
    phone->command(Swap{});
    wire.run_for(milliseconds(5));
    settle_offers(first);
    settle_offers(second);
    const auto active = i % 2 == 0 ? a : b, held = i % 2 == 0 ? b : a;
    EXPECT_TRUE(phone->plan(active).send);
    EXPECT_FALSE(phone->plan(held).send);
    EXPECT_TRUE(shown(held).held_by_us);
    EXPECT_FALSE(shown(active).held_by_us);
  }
}

TEST_F(OwnTransfers, redirect) {  // RFC 3261 §21.3.3
  auto dialog = ring();
  phone->command(Redirect{phone->call().call, "7009"});
  wire.run_for(milliseconds(5));
  const auto* moved = find_response(302, "INVITE", dialog);
  ASSERT_NE(moved, nullptr);
  EXPECT_EQ(moved->value(HeaderId::contact), "<sip:7009@10.0.0.9>");
  acknowledge(dialog, {}, 1);
  EXPECT_EQ(phone->last<CallEnded>().call.status, 302);
  EXPECT_EQ(phone->core->calls_alive(), 0U);
}

TEST_F(OwnTransfers, hang_up_all) {
  auto first = answered();
  auto second = answered();
  auto third = ring();
  static_cast<void>(dialled());
  phone->command(HangUpAll{});
  wire.run_for(milliseconds(5));
  EXPECT_EQ(phone->all<CallEnded>().size(), 4U);
  EXPECT_TRUE(phone->core->snapshot().calls.empty());
  EXPECT_GE(requests("BYE").size(), 2U);
  phone->command(HangUpAll{});
  EXPECT_TRUE(phone->all<CommandFailed>().empty()) << "none is fine";
}

}  // namespace
}  // namespace sidetone::test
