// Asks to end, from outside: Ctrl-C, SIGTERM and SIGHUP counted, so that the second can mean "at once".
// The handler needs a place that outlives every object: the count is the one static of this library.
// Thread rule: stop_signals() from any thread; a scope is made and ended by the main thread.
#pragma once

namespace gemeo {

class signal_scope {  // while it lives, these signals are counted instead of ending the process
 public:
  enum class role { kParent, kWorker };  // a worker leaves Ctrl-C to its parent, which asks it with SIGTERM
  explicit signal_scope(role r);
  ~signal_scope();
  signal_scope(signal_scope const&) = delete;
  signal_scope& operator=(signal_scope const&) = delete;
};

// How many requests since the scope began; signals that arrive within half a second of a counted one are the same.
// A signal that was ignored before (nohup) stays ignored.
int stop_signals();

}  // namespace gemeo
