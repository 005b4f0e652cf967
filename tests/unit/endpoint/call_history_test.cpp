#include "endpoint/call_history.h"

#include <gtest/gtest.h>

namespace sidetone::endpoint {
namespace {

using std::chrono::seconds;

CallSnapshot call(std::uint64_t id, CallState state) {
  CallSnapshot snapshot;
  snapshot.call = CallId{id};
  snapshot.state = state;
  snapshot.remote_number = std::to_string(7000 + id);
  return snapshot;
}

TEST(CallHistory, WhoWhenHowLongAndHow) {
  CallHistory history;
  const CallHistory::WallTime noon{seconds(43200)};
  history.note(CallAdded{call(1, CallState::ringing)}, noon);
  history.note(CallAdded{call(2, CallState::ringing)}, noon + seconds(1));
  history.note(CallChanged{call(1, CallState::connected)}, noon + seconds(5));
  history.note(CallChanged{call(1, CallState::connected)}, noon + seconds(9));
  EXPECT_TRUE(history.records().empty()) << "only what is over";
  auto missed = call(2, CallState::ended);
  missed.end_reason = EndReason::cancelled_there;
  history.note(CallEnded{missed, {}}, noon + seconds(7));
  history.note(CallEnded{call(1, CallState::ended), {}}, noon + seconds(65));
  const auto records = history.records();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].call.remote_number, "7002");
  EXPECT_EQ(records[0].call.end_reason, EndReason::cancelled_there);
  EXPECT_EQ(records[0].began, noon + seconds(1));
  EXPECT_FALSE(records[0].answered);
  EXPECT_EQ(records[0].talked().count(), 0);
  EXPECT_EQ(records[1].answered, noon + seconds(5));
  EXPECT_EQ(records[1].ended, noon + seconds(65));
  EXPECT_EQ(records[1].talked(), seconds(60));
}

TEST(CallHistory, KeepsTheLastHundred) {
  CallHistory history;
  for (std::uint64_t id = 1; id <= 150; ++id) {
    history.note(CallAdded{call(id, CallState::ringing)}, {});
    history.note(CallEnded{call(id, CallState::ended), {}}, {});
  }
  const auto records = history.records();
  ASSERT_EQ(records.size(), 100U);
  EXPECT_EQ(records.front().call.call.value, 51U);
  EXPECT_EQ(records.back().call.call.value, 150U);
}

// A clock that is set back while somebody talks gives no negative time.
TEST(CallHistory, ClockThatIsSetBack) {
  CallHistory history;
  const CallHistory::WallTime noon{seconds(43200)};
  history.note(CallAdded{call(1, CallState::ringing)}, noon);
  history.note(CallChanged{call(1, CallState::connected)}, noon);
  history.note(CallEnded{call(1, CallState::ended), {}}, noon - seconds(3600));
  EXPECT_EQ(history.records().front().talked().count(), 0);
}

}  // namespace
}  // namespace sidetone::endpoint
