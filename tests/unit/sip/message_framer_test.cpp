// RFC 3261 §18.3, RFC 5626 §4.4.1.
#include <gtest/gtest.h>

#include <chrono>

#include "message_samples.h"
#include "sip/message/parser.h"

namespace sidetone::sip {
namespace {

std::vector<std::string> drain(StreamFramer& framer) {
  std::vector<std::string> messages;
  while (auto next = framer.next()) {
    messages.push_back(*next ? **next : "error: " + next->error().text);
    if (messages.size() > 1000) break;
  }
  return messages;
}

const std::string first = test::options("l: 4\n", "a\r\n\r");
const std::string second = test::invite_with_sdp();

TEST(StreamFramer, CutsTheSameMessagesWhereverTheStreamIsSplit) {
  const std::string stream = "\r\n\r\n" + first + second + "\r\n\r\n\r\n\r\n" + first;
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    StreamFramer framer;
    std::vector<std::string> messages;
    for (const auto part : {std::string_view(stream).substr(0, cut), std::string_view(stream).substr(cut)}) {
      framer.append(part);
      for (auto& message : drain(framer)) messages.push_back(std::move(message));
    }
    ASSERT_EQ(messages, (std::vector<std::string>{first, second, first})) << cut;
    ASSERT_EQ(framer.pings_seen(), 3U) << cut;
  }
}

TEST(StreamFramer, TakesOneByteAtATime) {
  StreamFramer framer;
  std::vector<std::string> messages;
  for (const char c : second + first) {
    framer.append({&c, 1});
    for (auto& message : drain(framer)) messages.push_back(std::move(message));
  }
  EXPECT_EQ(messages, (std::vector<std::string>{second, first}));
  EXPECT_EQ(framer.pings_seen(), 0U);
}

TEST(StreamFramer, OneLineBreakIsNoPing) {  // a pong (RFC 5626 §4.4.1)
  StreamFramer framer;
  framer.append("\r\n" + first + "\r\n" + first);
  EXPECT_EQ(drain(framer).size(), 2U);
  EXPECT_EQ(framer.pings_seen(), 0U);
}

struct Row {
  const char* what;
  std::string head;
  bool sound;
};
class StreamLengths : public ::testing::TestWithParam<Row> {};

TEST_P(StreamLengths, FrameOrEndTheStream) {
  StreamFramer framer;
  framer.append(GetParam().head + "hi");
  const auto messages = drain(framer);
  ASSERT_EQ(messages.size(), 1U) << GetParam().what;
  if (GetParam().sound) {
    EXPECT_EQ(messages[0], GetParam().head + "hi") << GetParam().what;
    return;
  }
  EXPECT_EQ(messages[0].substr(0, 6), "error:") << GetParam().what;
  framer.append(first);
  EXPECT_FALSE(framer.next()) << "nothing comes out of a broken stream";
}

INSTANTIATE_TEST_SUITE_P(
    Rows, StreamLengths,
    ::testing::Values(Row{"plain", test::options("Content-Length: 2\n"), true},
                      Row{"compact, white space", test::options("L \t:  2  \n"), true},
                      Row{"folded", test::options("Content-Length:\n 2\n"), true},
                      Row{"not fooled by values", test::options("Subject: Content-Length: 9\nl:2\nX: l: 3\n"),
                          true},
                      Row{"not fooled by folded lines", test::options("Subject: a\n l: 9\nl: 2\n"), true},
                      Row{"missing", test::options(""), false},
                      Row{"negative (RFC 4475 §3.1.2.3)", test::options("l: -999\n"), false},
                      Row{"words", test::options("l: five\n"), false},
                      Row{"twice (RFC 4475 §3.3.9)", test::options("l: 2\nContent-Length: 2\n"), false},
                      Row{"beyond any message", test::options("l: 65530\n"), false},
                      Row{"beyond 32 bits", test::options("l: 4294967298\n"), false}));

TEST(StreamFramer, AHeadHasABound) {
  StreamFramer framer;
  framer.append("INVITE sip:a@b SIP/2.0\r\nSubject: ");
  bool ended = false;
  for (int i = 0; i < 100 && !ended; ++i) {
    framer.append(std::string(1000, 'x'));
    if (const auto next = framer.next()) ended = !*next;
  }
  EXPECT_TRUE(ended);
}

// A peer that sends its head byte by byte costs one look at each byte, not one at all lines each time (which
// would be some 10^9 lines here: seconds, where this takes milliseconds).
TEST(StreamFramer, SlowHeadsAreNotSearchedAgain) {
  const std::string lines = test::repeat("a:\r\n", 15000);
  StreamFramer framer;
  framer.append("OPTIONS sip:a@b SIP/2.0\r\n");
  const auto begin = std::chrono::steady_clock::now();
  for (const char c : lines) {
    framer.append({&c, 1});
    ASSERT_FALSE(framer.next());
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

}  // namespace
}  // namespace sidetone::sip
