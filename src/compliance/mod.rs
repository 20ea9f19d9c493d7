//! Compliance: the rules an agent obeys in the call. For now the disclosure (C8, C9, E1) and the opt-out (C2).
