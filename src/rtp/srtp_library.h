// libsrtp2 for the whole process: its cryptographic library takes 20 ms and 1.3 MB to start, so it starts
// with the first secured call, and not on a thread that must not wait.
#pragma once

namespace sidetone::rtp {

// Any thread, any number of times; the first one works, those that come meanwhile wait for it.
void start_srtp();
[[nodiscard]] bool srtp_is_started();

}  // namespace sidetone::rtp
