//! Teams in a box: the connector's double with limits and faults, and a page that draws the cards.
