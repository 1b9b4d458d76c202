/* The page for 404: the frame alone. */

import "./frame.js";
