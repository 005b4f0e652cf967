// Several calls of one line: the conference and what holding, resuming and answering make of it.
#include <gmock/gmock.h>

#include "phone_node.h"
#include "sip/message/headers.h"

namespace sidetone::test {
namespace {

using namespace std::chrono_literals;
using namespace sip;

constexpr std::string_view server = "10.0.0.9:5060";

// A server that answers every call and every change of one.
class Conference : public ::testing::Test {
 protected:
  Conference() {
    endpoint::CoreSettings settings;
    settings.lines.push_back(line_at_server("7001"));
    settings.hold_music = true;
    phone = std::make_unique<PhoneNode>(wire, "phone", "10.0.0.3:5060", std::move(settings));
    wire.add_peer(server, [this](const Message& message, Address from) {
      if (!message.is_request() || message.method() == Method::ack) return;
      auto response = Message::response(message, 200, "OK", "far");
      response.add(HeaderId::contact, "<sip:far@10.0.0.9>");
      if (message.method() == Method::invite) response.set_body(answer_to(message.body()), "application/sdp");
      wire.inject(*Address::parse(server, 0), from, response);
    });
  }
  static std::string answer_to(std::string_view offer) {
    const bool hold = offer.find("a=sendonly") != std::string_view::npos;
    return std::string(
               "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\n"
               "m=audio 20000 RTP/AVP 0\r\n") +
           (hold ? "a=recvonly\r\n" : "");
  }
  CallId dial(std::string target) {
    phone->command(Dial{std::move(target), {}});
    const auto call = phone->call().call;
    settle();
    return call;
  }
  void settle() { wire.run_for(200ms); }
  template <typename Wish>
  void want(Wish wish) {
    phone->command(wish);
    settle();
  }
  [[nodiscard]] CallSnapshot shown(CallId id) const {
    for (const auto& call : phone->core->snapshot().calls)
      if (call.call == id) return call;
    return {};
  }
  [[nodiscard]] bool talks(CallId id) const {
    const auto& plan = phone->plan(id);
    return plan.send && plan.receive && !shown(id).held_by_us;
  }

  Wire wire;
  std::unique_ptr<PhoneNode> phone;
};

TEST_F(Conference, TwoCallsAreTakenInAndTalk) {
  const auto one = dial("7002"), two = dial("7003");
  EXPECT_FALSE(talks(one));
  EXPECT_TRUE(phone->plan(one).send_music) << "whom we hold hears music";
  EXPECT_TRUE(talks(two));
  want(Confer{two});
  want(Confer{one});
  EXPECT_TRUE(talks(one));
  EXPECT_FALSE(phone->plan(one).send_music);
  EXPECT_TRUE(talks(two)) << "its partner is not held for the other's sake";
  EXPECT_TRUE(shown(one).in_conference);
  want(Confer{one, false});
  EXPECT_FALSE(shown(one).in_conference);
}

TEST_F(Conference, OneIsHeldAlone) {
  const auto one = dial("7002"), two = dial("7003");
  want(Confer{two});
  want(Confer{one});
  want(Hold{one});
  EXPECT_FALSE(talks(one));
  EXPECT_TRUE(talks(two));
  want(Resume{one});
  EXPECT_TRUE(talks(one));
  EXPECT_TRUE(talks(two));
}

TEST_F(Conference, AnotherCallHoldsAllAndResumeBringsAllBack) {
  const auto one = dial("7002"), two = dial("7003");
  want(Confer{two});
  want(Confer{one});
  const auto third = dial("7004");
  EXPECT_FALSE(talks(one));
  EXPECT_FALSE(talks(two));
  EXPECT_TRUE(talks(third));
  want(Resume{two});
  EXPECT_TRUE(talks(one));
  EXPECT_TRUE(talks(two));
  EXPECT_FALSE(talks(third));
  want(HangUp{two});
  EXPECT_TRUE(talks(one));
}

TEST_F(Conference, FilesAreForAnsweredCallsAndEndsAreTold) {
  const auto one = dial("7002");
  want(PlayFile{one, "hello.wav", false});
  EXPECT_TRUE(shown(one).playing);
  phone->core->file_played(one, {});
  phone->settle();
  EXPECT_FALSE(shown(one).playing);
  EXPECT_EQ(phone->last<FilePlayed>().call, one);
  want(Record{one, "call.wav"});
  EXPECT_TRUE(shown(one).recording);
  phone->core->recording_ended(one, Error{Fault::io, Layer::media, "the disk is full", ""});
  phone->settle();
  EXPECT_FALSE(shown(one).recording);
  EXPECT_EQ(phone->last<CommandFailed>().command, "record");
  want(PlayFile{CallId{99}, "hello.wav", false});
  EXPECT_EQ(phone->last<CommandFailed>().command, "play_file");
}

}  // namespace
}  // namespace sidetone::test
