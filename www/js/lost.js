/* A page that is not there has nothing to do but to show the way. */

import "./frame.js";
