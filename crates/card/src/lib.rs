//! Adaptive Card Templating and Adaptive Expressions.
